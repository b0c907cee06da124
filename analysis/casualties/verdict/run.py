"""Asks many series at once: on several processes, from what is kept where it is there, and on from where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import contextmanager
from typing import TypeVar

from casualties.cache import Cache, content_key
from casualties.inference.processes import process_pool
from casualties.verdict.question import Counts, Question
from casualties.verdict.reading import Row, read_series

__all__ = ["Progress", "read_all", "run_all"]

Progress = Callable[[int, int], None]
Task = TypeVar("Task")
Answer = TypeVar("Answer")

# Fewer than these are done here: another process takes seconds to begin.
_FEWEST = 6


def read_all(
    asked: Sequence[tuple[Counts, Question]],
    cache: Cache,
    *,
    workers: int = 2,
    progress: Progress | None = None,
) -> list[list[Row]]:
    """Read many series (`casualties.verdict.reading.read_series`).

    Parameters
    ----------
    asked : sequence of (Counts, Question)
        The series and what is asked of each. Only the days that a question needs count: what changes on other days
        leaves an answer as it is kept.
    cache : Cache
        Where answers are kept.
    workers, progress
        As in `run_all`.

    Returns
    -------
    list of list of dict
        The rows of each series, in the order of `asked`.
    """
    tasks = [(counts.between(question.needed, question.last), question) for counts, question in asked]
    keys = [content_key("reading", counts.digest(), question.to_dict()) for counts, question in tasks]
    return run_all(_read, tasks, keys, cache, workers=workers, progress=progress)


def run_all(
    function: Callable[[Task], Answer],
    tasks: Sequence[Task],
    keys: Sequence[str],
    cache: Cache,
    *,
    workers: int = 2,
    progress: Progress | None = None,
) -> list[Answer]:
    """Do tasks whose answers are not kept yet, and keep each as soon as it is there.

    Parameters
    ----------
    function : callable
        Of a module, so that another process finds it; what it gives must be such that JSON can hold it.
    tasks : sequence
        The tasks.
    keys : sequence of str
        A key for each, of everything that its answer depends on; tasks of the same key are done once.
    cache : Cache
        Where answers are kept: after a break the work goes on from there.
    workers : int, optional
        Processes; 1 works in this one. Answers do not depend on it.
    progress : callable, optional
        Called as ``progress(done, all)`` for different tasks.

    Returns
    -------
    list
        The answers, in the order of the tasks.
    """
    known = cache.get(keys)
    first = {key: task for key, task in reversed(list(zip(keys, tasks, strict=True))) if key not in known}
    missing = [key for key in dict.fromkeys(keys) if key in first]
    number = len(set(keys))
    if progress is not None:
        progress(number - len(missing), number)
    with _doing(function, [first[key] for key in missing], workers) as answers:
        for done, (place, answer) in enumerate(answers, start=number - len(missing) + 1):
            cache.put(missing[place], answer)
            known[missing[place]] = answer
            if progress is not None:
                progress(done, number)
    return [known[key] for key in keys]


@contextmanager
def _doing(
    function: Callable[[Task], Answer], tasks: Sequence[Task], workers: int
) -> Iterator[Iterator[tuple[int, Answer]]]:
    """Give the answers as they come, each with its place."""
    if workers == 1 or len(tasks) < _FEWEST:
        yield ((place, function(task)) for place, task in enumerate(tasks))
        return
    with process_pool(workers) as pool:
        places = {pool.submit(function, task): place for place, task in enumerate(tasks)}
        yield ((places[future], future.result()) for future in as_completed(places))


def _read(task: tuple[Counts, Question]) -> list[Row]:
    return read_series(*task)
