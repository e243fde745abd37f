"""Work spread over processes, in order and with bounded memory."""

import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2  # items that wait for each process at most, so that memory is bounded
_work: Callable[[Any], Any]  # of a process of its own


def available() -> int:
    """How many processes can work side by side here."""
    return len(os.sched_getaffinity(0))


def spread(work: Callable[[Item], Result], items: Iterable[Item], processes: int, ahead: int = AHEAD) -> Iterator[Result]:
    """What work makes of items, in their order; they are looked at only a little ahead of what is made of them.

    :param work: a function, or what :func:`functools.partial` makes of one, that can be sent to another process; it is sent once.
    :param ahead: items that wait for each process, so that it has work while results are dealt with.
    :raises TypeError, AttributeError, pickle.PicklingError: it cannot be sent.
    """
    sent = pickle.dumps(work)  # here, because a pool that cannot send it waits for ever
    # Spawned, because a fork in a process with threads can hang.
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (sent,)) as pool:
        waiting = deque()
        try:
            for item in items:
                waiting.append(pool.submit(_do, item))
                if len(waiting) > ahead * processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for left in waiting:
                left.cancel()


def _begin(work: bytes) -> None:
    """Make a process ready; it ends with the one that started it, which also sees to Ctrl-C."""
    global _work
    _work = pickle.loads(work)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with, args=(parent_process(),), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _do(item: Any) -> Any:
    return _work(item)
