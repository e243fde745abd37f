"""How well questions are answered: our own and all sets of ``../shared``, whole or with parts switched off.

    python -m benchmarks.quality ../shared --cache cache                    every set but the large one
    python -m benchmarks.quality ../shared --sets reports-dev,policy-dev --ablate
    python -m benchmarks.quality ../shared --cache cache --record           adds the rows to quality.md
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from benchmarks.parts import PARTS, without
from benchmarks.sets import ROOT, SETS, QuestionSet, prepare
from qa import figures
from qa.evaluation import evaluate
from qa.service import AnswerService

RECORD = Path(__file__).with_name("quality.md")


def measured(one: QuestionSet, shared: Path, cache: Path, runs: Sequence[tuple[str, ...]],
             limit: int | None = None) -> Iterator[str]:
    """A row of figures for each run.

    :param runs: the parts that each run does without.
    """
    settings = prepare(one, shared, cache)
    questions = one.load(shared, limit)
    for parts in runs:
        with without(parts, settings) as changed:
            outcomes = evaluate(AnswerService.open(changed), tqdm(questions, one.name, leave=False, disable=None))
        yield figures.row(_title(one.name, parts, limit), outcomes)


def _title(name: str, parts: Sequence[str], limit: int | None) -> str:
    return name + (f", first {limit}" if limit else "") + (f", without {' and '.join(parts)}" if parts else "")


def commit() -> str:
    """The commit that is measured, with a plus where the tracked files are not as they are in it."""
    def git(*arguments: str) -> str:
        return subprocess.run(("git", *arguments), cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", f":!{RECORD.relative_to(ROOT)}")
    return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")


def record(path: Path, name: str, rows: Sequence[str]) -> None:
    """Append rows to the table at the end of a file, behind the commit's name and today's date."""
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"| {name} | {date.today()} {row}\n" for row in rows)


def _names(known: Sequence[str]):
    """A type for argparse: names parted by commas."""
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        if unknown := [name for name in names if name not in known]:
            raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(known)}")
        return names

    return parse


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("shared", type=Path, metavar="SHARED", help="the folder that holds eval/, source-reports/ and text/")
    made.add_argument("--sets", type=_names([one.name for one in SETS]), help="names of sets, parted by commas")
    made.add_argument("--large", action="store_true", help="the large set as well; it takes minutes to index")
    made.add_argument("--cache", type=Path, help="folder for documents and indexes, used again; else a temporary one")
    made.add_argument("--limit", type=int, help="the first questions of each set only")
    made.add_argument("--without", type=_names(list(PARTS)), default=(), metavar="PART,...",
                      help=f"switch these parts off: {', '.join(PARTS)}")
    made.add_argument("--ablate", action="store_true", help="measure whole and then without each part in turn")
    made.add_argument("--record", action="store_true", help=f"append the rows to {RECORD.name}")
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, row by row as it is measured."""
    given = parser().parse_args(arguments)
    chosen = [one for one in SETS if (one.name in given.sets if given.sets else given.large or not one.large)]
    runs = [(), *((part,) for part in PARTS)] if given.ablate else [given.without]
    name = commit() if given.record else ""
    print(figures.head(), flush=True)
    with nullcontext(given.cache) if given.cache else TemporaryDirectory() as cache:
        for one in chosen:
            if missing := one.missing(given.shared):
                print(f"{one.name}: left out, {given.shared / missing[0]} is not there", file=sys.stderr)
                continue
            for row in measured(one, given.shared, Path(cache), runs, given.limit):
                print(row, flush=True)
                if given.record:
                    record(RECORD, name, [row])


if __name__ == "__main__":
    main()
