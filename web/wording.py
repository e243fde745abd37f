"""The words of the pages, in Chinese and in English: ``words/*.tsv``, a file for each room of the site.

A line is a name, the Chinese and the English, between tabs; ``{placeholders}`` are filled in.
"""

from pathlib import Path

LANGUAGES = ("zh", "en")


def _read() -> dict[str, tuple[str, str]]:
    wording: dict[str, tuple[str, str]] = {}
    for path in sorted((Path(__file__).parent / "words").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            name, chinese, english = line.split("\t")
            if name in wording:
                raise ValueError(f"the phrase {name} is there twice")
            wording[name] = chinese, english
    return wording


WORDING = _read()


def say(name: str, language: str, **values: object) -> str:
    """One phrase in one language, its placeholders filled.

    :raises KeyError: there is no such phrase.
    """
    return WORDING[name][LANGUAGES.index(language)].format(**values)
