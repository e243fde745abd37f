"""The connection to Milvus, and its failures in words."""

import logging
import os
from collections.abc import Iterator
from threading import Lock
from typing import TYPE_CHECKING

from qa.errors import UNREACHABLE, IndexUnavailable

if TYPE_CHECKING:
    from pymilvus import MilvusClient

TIMEOUT = 30  # seconds that a call may take, repetitions included
BATCH = 4096  # rows that are written or read at a time; Milvus hands out 16,384 at most
KEEPALIVE = 300_000  # milliseconds; milvus-lite hangs up on who knocks more often
NOT_LOADED = 101  # Milvus' code for a collection that must be loaded before it is read
STRONG = "Strong"  # reads all that was written before; elsewhere Milvus may be some hundred milliseconds behind


class Connection:
    """A connection that is made when it is needed, once in each process. Safe in any number of threads.

    Every method raises :class:`IndexUnavailable` (``index_unreachable``) where Milvus cannot be reached or refuses.

    :param url: address of a server, or path of a file that milvus-lite keeps.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._process, self._client = 0, None

    def call(self, method: str, *arguments: object, **options: object):
        """What a method of pymilvus' MilvusClient returns."""
        client, options = self._connected(), {"timeout": TIMEOUT} | options
        from pymilvus.exceptions import MilvusException

        try:
            try:
                return getattr(client, method)(*arguments, **options)
            except MilvusException as error:
                if error.code != NOT_LOADED:
                    raise
                client.load_collection(arguments[0], timeout=TIMEOUT)  # milvus-lite was started again since
                return getattr(client, method)(*arguments, **options)
        except MilvusException as error:
            raise self._unreachable(error) from error

    def count(self, collection: str) -> int:
        """How many rows a collection has, of which some may have been deleted lately. What was written until now is read from now on."""
        self.call("query", collection, ids=[0], output_fields=["id"], consistency_level=STRONG)  # waits until it can be
        return self.call("get_collection_stats", collection)["row_count"]

    def remaining(self, collection: str, where: str, fields: list[str]) -> Iterator[list[dict]]:
        """The rows for which a condition holds, some at a time, until it holds for none: who takes them must see to that."""
        while rows := list(self.call("query", collection, where, ["id", *fields], limit=BATCH, consistency_level=STRONG)):
            yield rows

    def write(self, collection: str, rows: list[dict], partial: bool = False) -> None:
        """Put rows into a collection in the place of those with the same ids.

        :param partial: rows name only the fields that change.
        """
        for start in range(0, len(rows), BATCH):
            self.call("upsert", collection, rows[start:start + BATCH], partial_update=partial)

    @property
    def on_server(self) -> bool:
        """Whether it leads to a server, and not to a file."""
        return not self._url.endswith(".db")

    def _connected(self) -> "MilvusClient":
        with self._lock:
            if self._process != os.getpid():
                self._client, self._process = self._connect(), os.getpid()
            return self._client

    def _connect(self) -> "MilvusClient":
        try:
            from pymilvus import MilvusClient
            from pymilvus.exceptions import MilvusException
        except ImportError as error:
            raise IndexUnavailable(
                UNREACHABLE, "使用 Milvus 上的索引需要安装 pymilvus：.venv/bin/pip install -e '.[milvus]'。 The index on Milvus needs"
                " pymilvus: run .venv/bin/pip install -e '.[milvus]'.") from error
        for name in ("pymilvus", "milvus_lite"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what they log is raised as well
        try:
            # Dedicated, or a process that was forked would go on with the connection of the one before.
            return MilvusClient(self._url, timeout=TIMEOUT, dedicated=True, grpc_options={"grpc.keepalive_time_ms": KEEPALIVE})
        except MilvusException as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> IndexUnavailable:
        reason = str(getattr(error, "message", error)).rstrip(".")
        chinese, english = ("请检查 QA_INDEX_URL 以及 Milvus 是否在运行", "check QA_INDEX_URL and that Milvus is running")
        if not self.on_server:
            chinese = "一个 .db 文件只能由一个进程使用；几个进程共用时，请运行 milvus-lite server，并把 QA_INDEX_URL 设为它的地址"
            english = "a .db file serves one process; for several run milvus-lite server and name its address in QA_INDEX_URL"
        return IndexUnavailable(UNREACHABLE, f"Milvus 上的索引无法使用（{reason}）：{chinese}。 The index on Milvus cannot be used"
                                f" ({reason}): {english}.", reason=reason)
