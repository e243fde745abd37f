"""Our own service."""

import shutil
from dataclasses import replace
from pathlib import Path

from benchmarks.peers.process import TOP, Clock
from qa.indexing import renew
from qa.service import AnswerService
from qa.settings import Settings


class Ours:
    """:meth:`AnswerService.search`: a question understood, both rankings, the passages read from the library."""

    def index(self, corpus: Path, folder: Path, clock: Clock) -> None:
        settings = _settings(folder)
        if not (corpus / "documents").is_dir():
            shutil.copytree(corpus / "library", folder, dirs_exist_ok=True)
            clock.begin("words, BM25, encode, save")
            renew(settings)
            return

        def progress(done: int, total: int, name: str) -> None:
            if "vectors" in name and len(clock.stages) == 0:
                clock.begin("words, BM25, encode, save")

        clock.begin("read, repair, cut")
        summary = AnswerService.index(settings, [corpus / "documents"], progress)
        if summary.skipped:
            raise SystemExit(f"{len(summary.skipped)} files cannot be read, the first: {summary.skipped[0].name}")

    def open(self, corpus: Path, folder: Path) -> None:
        self.service = AnswerService.open(_settings(folder))

    def search(self, question: str) -> list[tuple[str, str]]:
        citations = (passage.citation for passage in self.service.search(question, top_k=TOP).passages)
        return [(f"{each.document_id}:{each.start}:{each.end}", each.quote) for each in citations]


def _settings(home: Path) -> Settings:
    return replace(Settings.from_environment(), home=home)
