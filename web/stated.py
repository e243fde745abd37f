"""What a request says of documents that it hands in or corrects."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from corpus.corrections import check_field
from corpus.errors import DocumentError

FILES = 50  # in one request
_SUFFIXES = {"text": ".txt", "markdown": ".md"}
_UNFIT = re.compile(r"[/\\]")  # what would part the name of a file
_FIELDS = {"origin_url": "url"}  # those that replies of the API call otherwise than the library


_Words = Annotated[str, Field(min_length=1, max_length=200)]
_Day = Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
_File = Annotated[bytes, Field(json_schema_extra={"format": "binary"})]
_Address = Annotated[str, Field(pattern=r"^https?://[^\s/]", max_length=2000)]


class MetadataRequest(BaseModel):
    """What is known of a document. Where it is handed in, what is left out is read off it. ``null`` says that it has none."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    title: Annotated[_Words, Field(  # never without a value, so that there is no default to show
        description="标题。 Its title.", examples=["云溪港统计公报"], json_schema_extra=lambda schema: schema.pop("default"))] = ""
    issuer: Annotated[_Words | None, Field(description="发布机构。 Who issued it.", examples=["云溪市统计局"])] = None
    region: Annotated[_Words | None, Field(description="地区。 The place it is about.", examples=["云溪市"])] = None
    published: Annotated[_Day | None, Field(
        description="发布日期：年、年-月或年-月-日。 Day, month or year of publication, as ISO date.", examples=["2022-01-30"])] = None
    report_year: Annotated[Annotated[int, Field(ge=1, le=9999)] | None, Field(
        description="报告所述的年份。 The year that is reported on.", examples=[2021])] = None
    number: Annotated[_Words | None, Field(description="文号。 Document number.", examples=["云统〔2022〕3号"])] = None
    origin_url: Annotated[_Address | None, Field(
        description="发布的网址。 Where it was published.", examples=["https://www.example.org/tj/2022.html"])] = None

    @field_validator("title", "issuer", "region", "published", "number", "origin_url")
    @classmethod
    def check(cls, value: object, info: ValidationInfo) -> object:
        """Hold a value against what the document's field of that name may be."""
        try:
            check_field(_FIELDS.get(info.field_name, info.field_name), value)
        except DocumentError as error:
            raise ValueError(error.code) from error
        return value

    @property
    def values(self) -> dict[str, str | int | None]:
        """What it says, by the fields of :class:`corpus.document.Metadata`."""
        given = self.model_dump(include=self.model_fields_set & set(MetadataRequest.model_fields))
        return {_FIELDS.get(name, name): value for name, value in given.items()}


class TextRequest(MetadataRequest):
    """A document as text."""

    title: Annotated[_Words, Field(description="标题。 Its title.", examples=["云溪港统计公报"])]
    text: Annotated[str, Field(min_length=1, description="正文。 Its text.", examples=["2021年，云溪港完成货物吞吐量810万吨。"])]
    format: Annotated[Literal["text", "markdown"], Field(
        description="text 像文本文件一样修复；markdown 以 # 为标题，其余照原样。 text is repaired as text files are; in markdown, lines with # are"
        " headings and all is left as it is.")] = "text"

    @property
    def name(self) -> str:
        """The name of the file that it becomes."""
        return (_UNFIT.sub("／", self.title).lstrip(". ~$") or "_") + _SUFFIXES[self.format]

    @property
    def content(self) -> bytes:
        """What stands in it: the title in the first line, where files have it, unless the text begins with it."""
        mark = "# " if self.format == "markdown" else ""
        own = self.text.partition("\n")[0].strip()
        return (self.text if own in (self.title, mark + self.title) else f"{mark}{self.title}\n\n{self.text}").encode()


class FilesForm(MetadataRequest):
    """Documents as files, and what is known of them. The files are read from the request itself; this describes them."""

    files: Annotated[tuple[_File, ...], Field(min_length=1, max_length=FILES, description="文件。 The files.")]


class FileForm(FilesForm):
    """A new version of a document as a file, and what is known of it."""

    files: Annotated[tuple[_File], Field(description="文件，一个。 The file.")]
