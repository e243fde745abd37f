"""The documents name what the program has, and what they link to is there."""

import re
from pathlib import Path

import pytest

from qa.settings import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


@pytest.mark.parametrize(("readme", "language"), [("README.zh-CN.md", 0), ("README.md", 1)])
def test_the_readmes_have_every_setting_with_its_default_and_meaning(readme, language):
    rows = re.findall(r"^\| `(QA_\w+)` \|([^|]*)\| (.*) \|$", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE)
    assert [(variable, default.strip(" `"), meaning) for variable, default, meaning in rows] == [
        (s.variable, str(s.default).lower() if s.type is bool else str(s.default), s.meaning[language])
        for s in SETTINGS]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_names_a_variable_that_is_none(path):
    assert set(re.findall(r"\bQA_[A-Z_]+\b", path.read_text(encoding="utf-8"))) <= {s.variable for s in SETTINGS}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_inside_the_repository_lead_somewhere(path):
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_command_line_is_documented():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("index", "ask", "serve", "eval", "calibrate", "documents", "settings"):
        assert f"python -m qa {command}" in text


@pytest.mark.parametrize("package", ["corpus", "embeddings", "qa", "web"])
def test_the_architecture_has_a_row_for_every_file(package):
    chapter = re.search(rf"^### {package}\n(.*?)^##", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"),
                        re.MULTILINE | re.DOTALL)[1]
    rows = "".join(re.findall(r"^\|(.*?)\|", chapter, re.MULTILINE))
    files = {path.name for path in (ROOT / package).glob("*.py")} - {"__init__.py"}
    assert set(re.findall(r"`(\w+\.py)`", rows)) == files
