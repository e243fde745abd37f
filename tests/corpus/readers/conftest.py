"""Archives, made on the spot, and the order of what was read."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping

import pytest


@pytest.fixture(scope="session")
def numbers() -> Callable[[str], list[int]]:
    """A function that returns the numbers of the clauses in a text, in its order; hard wraps do not matter."""
    return lambda text: [int(number) for number in re.findall(r"（(\d{3})）", re.sub(r"\s", "", text))]


@pytest.fixture(scope="session")
def zipped() -> Callable[[Mapping[str, bytes]], bytes]:
    """A function that packs names and contents into a zip archive."""

    def made(members: Mapping[str, bytes]) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return buffer.getvalue()

    return made
