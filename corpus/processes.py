"""Work spread over processes, in order and with bounded memory."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2  # items that wait for each process, so that memory is bounded
_work: Callable[[Any], Any]  # of a process of its own


def available() -> int:
    """How many processes can work side by side here."""
    return len(os.sched_getaffinity(0))


def spread(work: Callable[[Item], Result], items: Iterable[Item], processes: int) -> Iterator[Result]:
    """What work makes of items, in their order; they are looked at only a little ahead of what is made of them.

    :param work: a function, or what :func:`functools.partial` makes of one, that can be sent to another process; it is sent once.
    """
    # Spawned, because a fork in a process with threads can hang.
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (work,)) as pool:
        waiting = deque()
        for item in items:
            waiting.append(pool.submit(_do, item))
            if len(waiting) > AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _begin(work: Callable[[Any], Any]) -> None:
    """Make a process ready; it ends with the one that started it, which also sees to Ctrl-C."""
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with, args=(parent_process(),), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _do(item: Any) -> Any:
    return _work(item)
