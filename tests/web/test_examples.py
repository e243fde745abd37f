"""The examples in the documents, run against a server with the reports that ship."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
from flask import Flask
from markdown_it import MarkdownIt

from qa.service import AnswerService
from qa.settings import Settings
from tests.web.conftest import served
from web.records.database import connect
from web.records.keys import SCOPES, Keys

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTED = "http://127.0.0.1:8000"  # the address that the documents write
KEY = "rq_…"
CODE, DATA = {"sh", "python", "js"}, {"json"}
UNTRIED = {}  # by document, how many blocks say "untried" behind their language: those that no test can run
EXPECTED = re.compile(r"(?:#|//) → (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A block of code in a document."""

    document: str
    line: int
    language: str
    code: str
    untried: bool

    @property
    def expected(self) -> list[str]:
        """What it says that it prints."""
        return [each.strip() for each in EXPECTED.findall(self.code)]


def examples() -> Iterator[Example]:
    """All blocks of the documents about the API; of the others those commands that call it."""
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]):
        for token in MarkdownIt().parse(path.read_text(encoding="utf-8")):
            about = path.name in ("api.md", "examples.md", "openai.md")
            if token.type == "fence" and (about or re.match(rf"curl\b.*{re.escape(DOCUMENTED)}", token.content)):
                language, *words = token.info.split() or [""]
                yield Example(path.name, token.map[0] + 1, language, token.content, "untried" in words)


EXAMPLES = list(examples())


def of(*languages: str) -> pytest.MarkDecorator:
    """Parametrizes a test with the examples in a language."""
    chosen = [each for each in EXAMPLES if each.language in languages and not each.untried]
    return pytest.mark.parametrize("example", chosen, ids=lambda each: f"{each.document}:{each.line}")


@pytest.fixture(scope="module")
def home(tmp_path_factory, shipped_reports) -> Path:
    """A home with the reports that ship, which the examples may change."""
    home = tmp_path_factory.mktemp("examples") / "data"
    AnswerService.index(Settings(home=home), [shipped_reports])
    return home


@pytest.fixture(scope="module")
def key(home) -> str:
    """A key that may do all."""
    return Keys(connect(home)).create("例子", SCOPES)[1]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of another site, whose pages call the API."""
    with served(Flask("site")) as address:
        yield address


@pytest.fixture(scope="module")
def running(home, site) -> Iterator[str]:
    """The address of a server, started as its users do."""
    server = subprocess.Popen(
        [sys.executable, "-m", "qa", "serve"], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=os.environ | {"QA_HOME": str(home), "QA_PORT": "0", "QA_API_ORIGINS": site})
    try:
        yield re.search(r"http://\S+", "".join(islice(server.stdout, 2)))[0]
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run a command in a folder of its own, with this code at hand."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240,
                          env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"} | environment)


def prints(example: Example, output: str, address: str) -> None:
    """Assert that an example printed what it says, in that order."""
    assert example.expected, "an example says what it prints: # → ..."
    for expected in example.expected:
        before, found, output = output.partition(expected.replace(DOCUMENTED, address))
        assert found, f"{expected!r} is not in {before!r}"


def test_every_block_is_run_or_known_to_be_none_that_can_be():
    assert {each.language for each in EXAMPLES} <= CODE | DATA
    counted = {}
    for each in EXAMPLES:
        if each.untried:
            counted[each.document] = counted.get(each.document, 0) + 1
    assert counted == UNTRIED
    assert [json.loads(each.code) for each in EXAMPLES if each.language in DATA]
    assert {each.document for each in EXAMPLES} >= {"README.md", "api.md", "examples.md", "openai.md"}


@of("sh")
def test_commands(example, running, home, key, tmp_path):
    for tool in ("curl", "jq"):
        if shutil.which(tool) is None:
            pytest.skip(f"needs {tool}: apt-get install {tool}")
    (tmp_path / ".curlrc").write_text("fail-with-body\n" if "error" not in example.code else "")
    code = example.code.replace(DOCUMENTED, running).replace(KEY, key).replace(".venv/bin/python", sys.executable)
    (tmp_path / "corpus").symlink_to(ROOT / "corpus")
    (tmp_path / "report.txt").write_text("云溪港统计公报\n\n2021年，云溪港完成货物吞吐量810万吨。\n", encoding="utf-8")
    done = run(["bash", "-euo", "pipefail", "-c", code], tmp_path, QA_HOME=str(home), CURL_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    prints(example, done.stdout, running)


@of("python")
def test_python(example, running, key, tmp_path):
    done = run([sys.executable, "-c", example.code.replace(DOCUMENTED, running).replace(KEY, key)], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    prints(example, done.stdout, running)


@of("js")
def test_javascript_on_a_page_of_another_site(example, running, key, site, browser):
    with browser.new_context() as context:
        page, lines = context.new_page(), []
        page.on("console", lambda message: lines.append(message.text))
        page.goto(site)
        lines.clear()  # the site's page is a 404
        page.evaluate("async () => {" + example.code.replace(DOCUMENTED, running).replace(KEY, key) + "}")
        prints(example, "\n".join(lines), running)
