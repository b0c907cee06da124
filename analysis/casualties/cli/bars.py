"""Bars on the error stream while long work goes on, where that is a terminal."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

__all__ = ["Bars"]


class Bars:
    """One bar a piece of work; nothing is shown where the error stream is no terminal."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bars = Progress(*columns, console=Console(file=sys.stderr), disable=not sys.stderr.isatty())
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def tell(self, work: str, done: int, whole: int) -> None:
        """Move a bar on.

        Parameters
        ----------
        work : str
            What is done.
        done, whole : int
            How much of how much.
        """
        task = self._tasks.get(work)
        if task is None:
            task = self._tasks[work] = self._bars.add_task(work, total=whole)
        self._bars.update(task, completed=done)
        if done == whole:
            self._bars.remove_task(task)
            del self._tasks[work]
