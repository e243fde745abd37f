"""The writing side of the service: reports into the library, the library into a new version of the index."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import DocumentError
from corpus.intake import IntakeSummary, take_in
from corpus.library import Library
from corpus.revision import Revision
from embeddings.encoder import Encoder, load_encoder
from qa.errors import UNREACHABLE, IndexUnavailable, no_document
from qa.index import Index, Store, store_of
from qa.settings import Settings

Progress = Callable[[int, int, str], None]


def index(settings: Settings, paths: Sequence[Path], progress: Progress = lambda done, total, name: None,
          encoder: Encoder | None = None, waiting: Callable[[], None] = lambda: None) -> IntakeSummary:
    """Take in files and folders and index what is new or changed.

    :param progress: called with steps done, steps in all and what is being worked on.
    :param waiting: called once where another process is indexing and this one waits for it.
    :raises DocumentError: the library cannot be written.
    :raises ServiceError: the index cannot be written (``index_unwritable``).
    """
    library = Library(settings.home, settings.database_url)
    with library.lock(wait=True, waiting=waiting):
        with library.write() as writer:
            summary = take_in(writer, paths, progress, settings.max_file_mb * 1_000_000)
        if library.generation:
            bring_up_to_date(library, settings, encoder or load_encoder(settings.embedding_model), progress)
    return summary


def renew(settings: Settings, encoder: Encoder | None = None) -> None:
    """Build the index again from the library where this program cannot use it, such as after an update.

    :raises DocumentError: there is no library, or it cannot be read.
    :raises ServiceError: as :func:`index`.
    """
    library = Library(settings.home, settings.database_url)
    with library.lock(wait=True):
        bring_up_to_date(library, settings, encoder or load_encoder(settings.embedding_model))


def remove(settings: Settings, document_ids: Sequence[str], encoder: Encoder | None = None) -> None:
    """Withdraw documents: they answer nothing any more, and are kept until they are purged.

    :raises NotFound: there is no such document; none is removed then.
    """
    with _change(settings, encoder) as writer:
        writer.remove(document_ids)


def restore(settings: Settings, document_ids: Sequence[str], encoder: Encoder | None = None) -> None:
    """Take back that documents were withdrawn.

    :raises NotFound: there is no such document; none is restored then.
    """
    with _change(settings, encoder) as writer:
        writer.restore(document_ids)


def purge(settings: Settings, document_ids: Sequence[str], encoder: Encoder | None = None) -> None:
    """Delete documents for good, and what only they need of originals.

    :raises NotFound: there is no such document; none is deleted then.
    """
    with _change(settings, encoder) as writer:
        writer.purge(document_ids)
    library = Library(settings.home, settings.database_url)
    library.prune(library.generation)


def correct(settings: Settings, document_id: str, encoder: Encoder | None = None, **values: str | int | None) -> None:
    """Set metadata of a document by hand; it outlives re-indexing.

    :raises NotFound: there is no such document.
    :raises DocumentError: ``field_unknown`` or ``field_invalid``.
    """
    with _change(settings, encoder) as writer:
        writer.correct(document_id, **values)


@contextmanager
def _change(settings: Settings, encoder: Encoder | None) -> Iterator[Revision]:
    library = Library(settings.home, settings.database_url)
    with library.lock(wait=True):
        library.snapshot()  # raises where there is no library, before one is made
        try:
            with library.write() as writer:
                yield writer
        except KeyError as error:
            raise no_document(error.args[0]) from error
        bring_up_to_date(library, settings, encoder or load_encoder(settings.embedding_model))


def bring_up_to_date(library: Library, settings: Settings, encoder: Encoder,
                     progress: Progress = lambda done, total, name: None) -> None:
    """Write a new version of the index if the library, the model or the program is ahead of the current one."""
    store = store_of(settings)
    previous = _previous(store, library, encoder)
    if previous is not None and previous.manifest.generation == library.generation:
        return
    store.update(previous, library, encoder, lambda done, total: progress(done, total, "向量 vectors"))
    # Servers that have not noticed the new version yet still read at the generation of the one before.
    library.prune(library.generation if previous is None else previous.manifest.generation)


def _previous(store: Store, library: Library, encoder: Encoder) -> Index | None:
    """The current version, or None where there is none to build on: missing, damaged or of another model or library."""
    try:
        found = store.load(encoder)
        library.snapshot(found.manifest.generation)
    except IndexUnavailable as error:
        if error.code == UNREACHABLE:
            raise
        return None
    except DocumentError:
        return None
    return found if found.manifest.library == library.identity else None
