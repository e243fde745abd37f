"""Which documents are withdrawn, and since when, as one run changes it."""

from collections.abc import Callable


class Withdrawals:
    """The withdrawals of a library, while the run writes that ends in a generation.

    :param run: runs a statement.
    :param generation: that the run ends in.
    """

    def __init__(self, run: Callable[..., list], generation: int) -> None:
        self._run = run
        self._generation = generation

    def begin(self, document_id: str) -> None:
        """Withdraw a document from this generation on; one that is withdrawn stays so."""
        if self._run("SELECT 1 FROM withdrawals WHERE document = ? AND until = ?", document_id, self._generation):
            self._run("UPDATE withdrawals SET until = NULL WHERE document = ? AND until = ?", document_id, self._generation)
        elif not self._run("SELECT 1 FROM withdrawals WHERE document = ? AND until IS NULL", document_id):
            self._run("INSERT INTO withdrawals VALUES (?, ?, NULL)", document_id, self._generation)

    def end(self, document_id: str) -> None:
        """Take that back from this generation on; a document that is not withdrawn stays so."""
        self._run("DELETE FROM withdrawals WHERE document = ? AND since = ?", document_id, self._generation)
        self._run("UPDATE withdrawals SET until = ? WHERE document = ? AND until IS NULL", self._generation, document_id)
