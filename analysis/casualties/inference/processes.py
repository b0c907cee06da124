"""Processes that share a machine: fresh interpreters, each with one thread of linear algebra."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from types import ModuleType
from typing import Any

__all__ = ["process_pool"]

# Libraries of linear algebra read these when they are loaded.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class _Pool(ProcessPoolExecutor):
    """A pool whose processes know nothing of the program that starts them.

    A fresh interpreter would run the user's script once more, to find in it what it is sent; without the idiom
    ``if __name__ == "__main__":`` that script would start processes again. What is sent here stands in modules.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Take a task; processes begin here."""
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            sys.modules["__main__"] = main


@contextmanager
def process_pool(workers: int) -> Iterator[Executor]:
    """Give processes to work with; on the way out, work that has not begun is dropped.

    Each is a fresh interpreter, since a copy of one that runs threads can hang. Each runs linear algebra on one thread:
    several that each take every processor wait for each other, and are slower than one. Their functions must stand in
    modules, not in the program that is run; that program needs no ``if __name__ == "__main__":``.

    Parameters
    ----------
    workers : int
        Number of processes.

    Examples
    --------
    >>> with process_pool(1) as pool:
    ...     pool.submit(os.getenv, "OMP_NUM_THREADS").result()
    '1'
    """
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ |= dict.fromkeys(_THREADS, "1")
    pool = _Pool(workers, mp_context=get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
