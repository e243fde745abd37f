"""Characters in images, recognized by rapidocr where the ``ocr`` extra is installed."""

import io
import os
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from corpus.document import RawText
from corpus.readers import pagetext, problems
from corpus.readers.reading import Reading
from corpus.readers.runs import Page, Run, body_size

if TYPE_CHECKING:
    from PIL.Image import Image
    from rapidocr import RapidOCR

LEAST_SCORE = 0.5  # below, a recognized line is noise
UNEVEN = 0.22  # of the usual height; the boxes of lines of one font differ as much


def is_installed() -> bool:
    """Whether the ``ocr`` extra is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def read(name: str, data: bytes) -> Reading:
    """Read an image, a page for each of its frames.

    :raises DocumentError: ``scanned`` without the ``ocr`` extra, ``unreadable_image`` where nothing is recognized,
        ``file_corrupt``, ``file_too_large``.
    """
    if not is_installed():
        raise problems.scanned()
    pages = [Page(number, frame.height, recognize(frame)) for number, frame in enumerate(_frames(data), 1)]
    text, starts = pagetext.written(pages)
    if not text:
        raise problems.unreadable_image()
    return Reading((RawText(name, text, "image", starts),))


def recognize(image: "Image", scale: float = 1.0) -> tuple[Run, ...]:
    """The lines of text in an image.

    :param scale: by which coordinates are multiplied.
    """
    found = _engine()(image.convert("RGB"))
    if found.boxes is None:
        return ()
    runs = []
    for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        if score >= LEAST_SCORE and text.strip():
            xs, ys = [float(x) * scale for x, _ in box], [float(y) * scale for _, y in box]
            runs.append(Run(min(xs), min(ys), max(xs), max(ys), max(ys) - min(ys), text.strip()))
    usual = body_size(runs) if runs else 0.0
    return tuple(replace(run, size=usual) if abs(run.size - usual) < UNEVEN * usual else run for run in runs)


def _frames(data: bytes) -> "list[Image]":
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            return [frame.convert("RGB") for frame in ImageSequence.Iterator(image)]
    except Image.DecompressionBombError as error:
        raise problems.too_many_pixels(str(error)) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise problems.corrupt(str(error)) from error


@cache
def _engine() -> "RapidOCR":
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # or ONNX Runtime would report its use to Microsoft
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "warning"})
