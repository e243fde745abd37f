"""The shape of the code: imports run one way, what is imported is pinned, and a file or function fits in the head."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# What each package may import of the others: web -> qa -> {embeddings, corpus}.
ALLOWED = {"web": {"qa", "embeddings", "corpus"}, "qa": {"embeddings", "corpus"}, "embeddings": set(), "corpus": set()}
FILES = sorted(path for package in ALLOWED for path in (ROOT / package).rglob("*.py"))
MAX_FILE, MAX_FUNCTION = 330, 60


def name(path):
    return str(path.relative_to(ROOT))


def imported(path):
    """Top-level names of the modules that a file imports, relative imports excepted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def pinned(path):
    """Distributions that a requirements file pins, by normalized name."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {normalized(line.split("==")[0]) for line in lines if "==" in line}


def normalized(distribution):
    return re.sub(r"[-_.]+", "-", distribution).lower()


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_run_one_way(path):
    package = path.relative_to(ROOT).parts[0]
    assert set(imported(path)) & set(ALLOWED) <= ALLOWED[package] | {package}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_files_and_functions_stay_small(path):
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= MAX_FILE
    functions = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    assert [f.name for f in functions if f.end_lineno - f.lineno + 1 > MAX_FUNCTION] == []


def test_what_is_imported_is_pinned_and_what_is_pinned_is_imported():
    installed = packages_distributions()
    modules = {module for path in FILES for module in imported(path)} - set(ALLOWED) - set(sys.stdlib_module_names)
    needed = {normalized(installed.get(module, [module])[0]) for module in modules}
    optional = re.findall(r'"([\w-]+)==', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = pinned(ROOT / "requirements.txt")
    assert needed - runtime - {normalized(each) for each in optional} == set()
    assert runtime - needed == set()


def test_every_pin_is_exact():
    for path in (ROOT / "requirements.txt", ROOT / "requirements-dev.txt", ROOT / "benchmarks" / "requirements.txt"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert re.fullmatch(r"#.*|--requirement \S+|[\w-]+==[\w.]+|", line), f"{path.name}: {line}"


def test_the_peers_of_the_benchmark_get_what_they_share_with_us_in_our_versions():
    ours, theirs = (dict(re.findall(r"^([\w-]+)==([\w.]+)$", "".join((ROOT / name).read_text(encoding="utf-8") for name in names), re.MULTILINE))
                    for names in (("requirements.txt", "requirements-dev.txt"), ("benchmarks/requirements.txt",)))
    assert {name: version for name, version in theirs.items() if ours.get(name, version) != version} == {}
    assert theirs.keys() & ours.keys()
