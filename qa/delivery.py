"""Single files handed in for the library: taken in one by one, each whole or not at all, then indexed together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.intake import Reached, take_in
from corpus.library import Library
from corpus.revision import Revision
from embeddings.encoder import Encoder, load_encoder
from qa.errors import no_document
from qa.indexing import bring_up_to_date
from qa.settings import Settings

EMBEDDED, INDEXED = "embedded", "indexed"  # stages beyond those of corpus.extraction, of all files together, counted in percent

_COPY = ("文档库里已有内容完全相同的文件，没有重复收录。"
         " The library holds a file with exactly the same content; it was not taken in again.")
_SEVERAL = ("文件里有多篇文档，没有采用给出的标题。 The file holds several documents, so the title that was given was not used.")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file that is handed in.

    :ivar path: absolute; the library knows the file by it.
    :ivar replaces: id of the document whose file it is a new version of.
    :ivar known: metadata of its documents that need not be read from it, such as ``url``, the address that it was fetched from;
        kept as corrections. A title is that of the one document in it.
    """

    path: Path
    replaces: str | None = None
    known: Mapping[str, str | int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of it.

    :ivar document_ids: of the documents that it holds; of those that hold the same, where it was not taken for that.
    :ivar problems: why it was not taken, or what was left out of it; each in both languages.
    """

    document_ids: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    taken: bool = False


def deliver(settings: Settings, deliveries: Sequence[Delivery], encoder: Encoder | None = None,
            reached: Reached = lambda path, stage, count: None) -> list[Delivered]:
    """Take files in, and index what is new. A file that is taken in already is left as it is, so that a run that was
    broken off may simply be made again.

    :returns: what became of each.
    :raises DocumentError: the library cannot be written.
    :raises ServiceError: the index cannot be written.
    """
    def all_reached(stage: str, percent: int) -> None:
        for delivery, outcome in zip(deliveries, outcomes, strict=True):
            if outcome.taken:
                reached(str(delivery.path), stage, percent)

    library = Library(settings.home, settings.database_url)
    with library.lock(wait=True):
        outcomes = [_take(library, each, settings.max_file_mb * 1_000_000, reached) for each in deliveries]
        if library.generation:
            bring_up_to_date(library, settings, encoder or load_encoder(settings.embedding_model),
                             lambda done, total, name: all_reached(EMBEDDED, 100 * done // total))
    all_reached(INDEXED, 100)
    return outcomes


def known_files(settings: Settings, folder: Path) -> set[Path]:
    """The files in a folder that documents of the library, also withdrawn ones, were read from."""
    with Library(settings.home, settings.database_url).write() as writer:
        return {Path(file.path) for file in writer.files_under(str(folder.resolve()))}


class _NotTaken(Exception):
    """Undoes what was begun with a file. ``problems`` as in :class:`Delivered`."""

    def __init__(self, problems: Iterable[str], document_ids: Sequence[str] = ()) -> None:
        self.outcome = Delivered(tuple(document_ids), tuple(problems))


def _take(library: Library, delivery: Delivery, max_bytes: int, reached: Reached) -> Delivered:
    try:
        with library.write() as writer:
            is_new = writer.file(str(delivery.path)) is None
            if delivery.replaces and is_new:
                _put_in_place(writer, delivery)
            summary = take_in(writer, [delivery.path], max_bytes=max_bytes, reached=reached)
            problems = [skipped.message for skipped in summary.skipped]
            if not (summary.added or summary.updated or summary.unchanged):
                raise _NotTaken(problems)
            ids = writer.documents_of(str(delivery.path))
            copies = ids if is_new and summary.unchanged else writer.copies(writer.file(str(delivery.path)))
            if copies:
                raise _NotTaken([_COPY], copies)
            known = dict(delivery.known)
            if len(ids) > 1 and known.pop("title", None):
                problems.append(_SEVERAL)
            for document_id in ids:
                writer.correct(document_id, **known)
            return Delivered(tuple(ids), tuple(problems), taken=True)
    except _NotTaken as refusal:
        return refusal.outcome


def _put_in_place(writer: Revision, delivery: Delivery) -> None:
    """Have a document's file stand where the new one lies, so that its documents are the new one's, earlier."""
    try:
        file = writer.file_of(delivery.replaces)
    except KeyError as error:
        raise _NotTaken([no_document(delivery.replaces).message]) from error
    writer.move(file, str(delivery.path), str(delivery.path.parent), delivery.path.name)
