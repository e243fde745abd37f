"""The reasons for which a file cannot be read, each worded once: Chinese, then English."""

from corpus.errors import DocumentError

MEBIBYTE = 1024 * 1024


def empty() -> DocumentError:
    return DocumentError("file_empty", "文件中没有文字，请确认内容后重新提供。 The file holds no text; check it and supply it again.")


def too_large(size: int, limit: int) -> DocumentError:
    return DocumentError(
        "file_too_large",
        f"文件大小为 {size / MEBIBYTE:.1f} MB，超过上限 {limit / MEBIBYTE:.0f} MB，请拆分后再提供。 "
        f"The file has {size / MEBIBYTE:.1f} MB, more than the limit of {limit / MEBIBYTE:.0f} MB; split it first.",
        size=size, limit=limit,
    )


def too_many_cells(count: int, limit: int) -> DocumentError:
    return DocumentError(
        "file_too_large",
        f"工作表有 {count} 个单元格，超过上限 {limit} 个，请拆分后再提供。 "
        f"A sheet has {count} cells, more than the limit of {limit}; split it first.",
        count=count, limit=limit,
    )


def too_many_pixels(reason: str) -> DocumentError:
    """:param reason: the library's own words, for the log."""
    return DocumentError(
        "file_too_large",
        "图像的像素过多，为安全起见没有打开，请缩小后再提供。 "
        "The image has too many pixels and was not opened, for safety; supply it smaller.",
        reason=reason,
    )


def encrypted() -> DocumentError:
    return DocumentError(
        "file_encrypted",
        "文件设有密码，请去掉密码后重新提供。 The file is protected by a password; remove it and supply the file again.",
    )


def corrupt(reason: str) -> DocumentError:
    """:param reason: the library's own words, for the log."""
    return DocumentError(
        "file_corrupt",
        "文件已损坏或不完整，无法打开，请重新下载或导出。 The file is damaged or incomplete and cannot be opened; download or export it again.",
        reason=reason,
    )


def truncated() -> DocumentError:
    return DocumentError(
        "file_truncated",
        "文件末尾不完整，只读取了前面完好的部分，请重新下载或导出。 "
        "The end of the file is missing; only the part before it was read. Download or export it again.",
    )


def damaged_text(count: int) -> DocumentError:
    """:param count: runs of bytes that are no characters."""
    return DocumentError(
        "damaged_text",
        f"文件中有 {count} 处字符损坏，其余内容已读取，请重新下载或导出。 "
        f"Characters are damaged at {count} places; the rest was read. Download or export the file again.",
        count=count,
    )


def unknown_type(suffix: str, known: list[str]) -> DocumentError:
    kinds = " ".join(known)
    return DocumentError(
        "unknown_type",
        f"不支持这种文件类型（{suffix or '无后缀'}），支持的类型有：{kinds}。 "
        f"This type of file ({suffix or 'no suffix'}) is not supported; supported are: {kinds}.",
        suffix=suffix,
    )


def wrong_type(suffix: str, found: str) -> DocumentError:
    """:param found: what the content is, as :func:`corpus.readers.kinds.kind` names it."""
    return DocumentError(
        "wrong_type",
        f"文件后缀是 {suffix}，内容却是 {found}，请改正后缀或重新导出。 "
        f"The file is called {suffix} but its content is {found}; correct the suffix or export it again.",
        suffix=suffix, found=found,
    )


def old_format(suffix: str, replacement: str) -> DocumentError:
    return DocumentError(
        "old_format",
        f"不支持旧版 Office 或 WPS 格式（{suffix}），请另存为 {replacement} 后再提供。 "
        f"The old Office and WPS formats ({suffix}) are not supported; save the file as {replacement} first.",
        suffix=suffix, replacement=replacement,
    )


def zip_bomb(size: int, limit: int) -> DocumentError:
    return DocumentError(
        "zip_bomb",
        "压缩包解压后过大或压缩率异常，为安全起见没有打开。 "
        "The archive would unpack to too much data, or is compressed beyond belief; it was not opened, for safety.",
        size=size, limit=limit,
    )


def unsafe_name(member: str) -> DocumentError:
    return DocumentError(
        "unsafe_name",
        "压缩包内的文件名指向压缩包之外，已跳过该文件。 The name of this file points outside its archive; the file was skipped.",
        member=member,
    )


def nested_too_deep(limit: int) -> DocumentError:
    return DocumentError(
        "nested_too_deep",
        f"压缩包嵌套超过 {limit} 层，已跳过，请先解压。 "
        f"Archives are nested more than {limit} deep; the inner one was skipped. Unpack it first.",
        limit=limit,
    )


def too_many_members(count: int, limit: int) -> DocumentError:
    return DocumentError(
        "too_many_members",
        f"压缩包内有 {count} 个文件，超过上限 {limit} 个，请拆分后再提供。 "
        f"The archive holds {count} files, more than the limit of {limit}; split it first.",
        count=count, limit=limit,
    )


def scanned(pages: list[int] | None = None) -> DocumentError:
    """:param pages: numbers of the scanned pages where the others hold text; None for the whole file."""
    which = "、".join(map(str, pages)) if pages else ""
    chinese = f"第 {which} 页是扫描图像" if pages else "文件是扫描件或图片"
    english = f"Of this file, the pages {which} are scanned images" if pages else "The file is a scan or a picture"
    return DocumentError(
        "scanned",
        f"{chinese}，没有可读取的文字；安装文字识别组件（.venv/bin/pip install -e '.[ocr]'）后重新建立索引即可读取。 "
        f"{english} without text; install character recognition (.venv/bin/pip install -e '.[ocr]') and index it again.",
        pages=pages or [],
    )


def unreadable_image(pages: list[int] | None = None) -> DocumentError:
    """:param pages: as for :func:`scanned`."""
    which = "、".join(map(str, pages)) if pages else ""
    return DocumentError(
        "unreadable_image",
        f"{f'第 {which} 页的图像' if pages else '图像'}中没有识别出文字，请提供更清晰的扫描件。 "
        f"No characters were recognized {f'on the pages {which}' if pages else 'in the image'}; supply a clearer scan.",
        pages=pages or [],
    )


def no_such_page(number: int, pages: int) -> DocumentError:
    return DocumentError(
        "no_such_page",
        f"原件共 {pages} 页，没有第 {number} 页。 The original has {pages} pages, so there is no page {number}.",
        number=number, pages=pages,
    )


def unreadable_page(number: int) -> DocumentError:
    return DocumentError(
        "page_unreadable",
        f"第 {number} 页无法显示为图像，请下载原始文件查看。 Page {number} cannot be shown as a picture; download the original.",
        number=number,
    )


def unsaved_formulas(count: int) -> DocumentError:
    return DocumentError(
        "unsaved_formulas",
        f"有 {count} 个公式没有保存计算结果，已跳过；用表格软件打开并保存一次即可。 "
        f"{count} formulas have no saved result and were left out; open and save the file once in a spreadsheet program.",
        count=count,
    )
