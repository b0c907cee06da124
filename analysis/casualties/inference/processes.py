"""Processes that share a machine: fresh interpreters, each with one thread of linear algebra."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

__all__ = ["process_pool"]

# Libraries of linear algebra read these when they are loaded.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@contextmanager
def process_pool(workers: int) -> Iterator[Executor]:
    """Give processes to work with; on the way out, work that has not begun is dropped.

    Each is a fresh interpreter, since a copy of one that runs threads can hang. Each runs linear algebra on one thread:
    several that each take every processor wait for each other, and are slower than one.

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
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
