"""The pages say everything in both languages, and the colours can be read."""

import re
from pathlib import Path
from string import Formatter

import pytest

from corpus.extraction import CUT, READ, REPAIRED
from qa.asking import Kind
from qa.delivery import EMBEDDED, INDEXED
from qa.features import NAMES
from qa.figures import CUTOFFS
from qa.weights import VERDICT
from web import filtering
from web.intake.worker import FETCHED
from web.library import ROOMS, audit, reports
from web.library.runs import SHARES
from web.library.trial import RANKINGS
from web.records import jobs
from web.records.accounts import ROLES
from web.records.audit import ACTIONS
from web.records.keys import SCOPES
from web.records.runs import BROKEN, DONE, RUNNING, Conditions
from web.wording import LANGUAGES, WORDING, say

WEB = Path(__file__).resolve().parents[2] / "web"
TEMPLATES = "".join(path.read_text(encoding="utf-8") for path in sorted((WEB / "templates").rglob("*.html")))
# Phrases whose names are put together: how these begin, and how they end.
FAMILIES = {
    "confidence": ("sure", "fair", "slight"), "role": ROLES, "kind": Kind, "feature": NAMES, "ground": (*VERDICT, "bias"),
    "ranking": RANKINGS, "score": RANKINGS, "run": (RUNNING, DONE, BROKEN), "only": ("all", "wrong", "right"),
    "figure": (*SHARES, *(f"recall_{k}" for k in CUTOFFS), "p50"), "test": ("added", "changed", "removed", "taken_in"),
    "scope": SCOPES, "did": ACTIONS, "fact": audit.FACTS, "filter": filtering.NAMES, "state": reports.STATES, "work": jobs.KINDS, "job": jobs.STATES, "stage": (FETCHED, READ, REPAIRED, CUT, EMBEDDED, INDEXED)}
MADE = {f"{family}_{name}" for family, names in FAMILIES.items() for name in names} | {phrase for _, phrase, _ in ROOMS} \
    | set(Conditions.__dataclass_fields__)
# Phrases that the code says.
SAID = {name for path in sorted(WEB.rglob("*.py")) for name in re.findall(r'\bsay\("(\w+)"', path.read_text(encoding="utf-8"))}


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_phrase_is_used_and_every_used_phrase_is_there():
    used = set(re.findall(r"\bt\('(\w+)'[,)]", TEMPLATES)) | MADE | SAID
    assert used == set(WORDING)


@pytest.mark.parametrize("name", WORDING)
def test_both_languages_say_the_same(name):
    chinese, english = WORDING[name]
    assert placeholders(chinese) == placeholders(english)
    assert re.search(r"[\u4e00-\u9fff]", chinese) or name == "to_language"


def test_a_phrase_is_filled_in():
    assert [say("library", language, count=3) for language in LANGUAGES] == ["3 份报告", "3 reports"]
    with pytest.raises(KeyError):
        say("nothing", "zh")


def colours():
    """Custom colours of the style sheet: light, and dark over light."""
    sheet = (WEB / "static" / "style.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w+)", block)) for block in re.findall(r":root \{(.*?)\}", sheet, re.S)[:2])
    return [light, light | dark]


def luminance(colour):
    """Relative luminance as WCAG 2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", colours(), ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), [
    ("ink", "paper"), ("ink", "sheet"), ("soft", "paper"), ("soft", "sheet"), ("red", "paper"), ("red", "sheet"),
    ("on-seal", "seal"), ("ink", "gold"), ("ink", "gold-wash")])
def test_text_stands_out_from_its_ground(scheme, ink, ground):
    assert contrast(scheme[ink], scheme[ground]) >= 4.5
