"""Which documents are withdrawn, and since when, as one run changes it."""

from collections.abc import Callable

from sqlalchemy import CursorResult, Executable, delete, insert, select, update

from corpus.schema import withdrawals


class Withdrawals:
    """The withdrawals of a library, while the run writes that ends in a generation.

    :param run: runs a statement.
    :param generation: that the run ends in.
    """

    def __init__(self, run: Callable[[Executable], CursorResult], generation: int) -> None:
        self._run = run
        self._generation = generation

    def begin(self, document_id: str) -> None:
        """Withdraw a document from this generation on; one that is withdrawn stays so."""
        theirs, last = withdrawals.c.document == document_id, withdrawals.c.until
        if self._run(update(withdrawals).where(theirs, last == self._generation).values(until=None)).rowcount:
            return
        if not self._run(select(withdrawals).where(theirs, last.is_(None))).first():
            self._run(insert(withdrawals).values(document=document_id, since=self._generation))

    def end(self, document_id: str) -> None:
        """Take that back from this generation on; a document that is not withdrawn stays so."""
        theirs = withdrawals.c.document == document_id
        self._run(delete(withdrawals).where(theirs, withdrawals.c.since == self._generation))
        self._run(update(withdrawals).where(theirs, withdrawals.c.until.is_(None)).values(until=self._generation))
