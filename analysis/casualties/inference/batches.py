"""Many series over the processors: fixed portions on threads, so that no answer depends on how many threads ran."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from casualties.errors import InputError

__all__ = ["run_batches"]

Answer = TypeVar("Answer")


def run_batches(
    task: Callable[[int, int], Answer], count: int, threads: int | None = None, *, size: int = 64
) -> list[Answer]:
    """Run a task over portions of a number of items, beside each other where it lets go of the interpreter.

    Compiled kernels that release the interpreter's lock run on as many processors as there are threads; plain Python
    runs one at a time and loses nothing. Portions are the same whatever the number of threads, and the answers come
    in their order.

    Parameters
    ----------
    task : callable
        Takes the first item of a portion and the one after its last, ``task(start, stop)``, and gives an answer; it
        may write into rows ``start`` to ``stop`` of arrays that all portions share.
    count : int
        Number of items; 0 gives an empty list.
    threads : int, optional
        How many portions run at once; the number of processors that this process may use where it is not given.
    size : int, optional
        Items in a portion; the last may hold fewer.

    Returns
    -------
    list
        One answer for each portion, in order.

    Raises
    ------
    InputError
        If the number of threads or the size of a portion is below 1. What a task raises is raised here, the earliest
        portion's first.

    Examples
    --------
    >>> run_batches(lambda start, stop: sum(range(start, stop)), 10, size=4)
    [6, 22, 17]
    """
    if threads is not None and threads < 1:
        raise InputError("must be at least 1", column="threads", value=threads)
    if size < 1:
        raise InputError("must be at least 1", column="size", value=size)
    portions = [(start, min(start + size, count)) for start in range(0, count, size)]
    workers = min(_processors() if threads is None else threads, len(portions))
    if workers <= 1:
        return [task(start, stop) for start, stop in portions]
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(task, start, stop) for start, stop in portions]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _processors() -> int:
    """Give the number of processors that this process may use, which can be fewer than the machine has."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
