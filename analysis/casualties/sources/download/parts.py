"""Pages kept beside the file that they will become, so that a download which breaks goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from casualties.errors import InputError

__all__ = ["Parts", "Row", "open_parts", "write_whole"]

Row = dict[str, str]
STATE = "state.json"
LAYOUT = 1


@dataclass(slots=True)
class Parts:
    """The pages had so far, and what to ask for next.

    Parameters
    ----------
    folder : Path
        Where they lie.
    query : dict
        What was asked, without secrets; pages of another query are never joined with these.
    next : str or None
        The page number, cursor or offset to ask for; None when all pages are there.
    accessed : str
        ISO date of the first page.
    asked : list of str
        Page numbers, cursors or offsets that have been answered.
    total : int or None
        How many rows the provider says there are.
    pages : list of dict
        Rows and SHA-256 of each page's file.
    """

    folder: Path
    query: dict[str, str]
    next: str | None
    accessed: str
    asked: list[str] = field(default_factory=list)
    total: int | None = None
    pages: list[dict[str, Any]] = field(default_factory=list)

    def add(self, rows: list[Row], following: str | None) -> None:
        """Keep a page: its file first, then the note that it is there.

        Parameters
        ----------
        rows : list of dict
            The page's rows.
        following : str or None
            What to ask for after it.
        """
        body = json.dumps(rows).encode()
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / _name(len(self.pages)), body)
        self.pages.append({"rows": len(rows), "sha256": hashlib.sha256(body).hexdigest()})
        if self.next is not None:
            self.asked.append(self.next)
        self.next = following
        state = {name: value for name, value in asdict(self).items() if name != "folder"}
        write_whole(self.folder / STATE, json.dumps({"layout": LAYOUT, **state}, indent=1).encode())

    def __iter__(self) -> Iterator[list[Row]]:
        """Give the pages in turn, each as it was written."""
        for number, page in enumerate(self.pages):
            path = self.folder / _name(number)
            body = path.read_bytes() if path.is_file() else b""
            if hashlib.sha256(body).hexdigest() != page["sha256"]:
                raise InputError(
                    "a page kept here has changed or is gone", file=f"{self.folder.name}/{path.name}", remedy=RESTART
                )
            yield json.loads(body)

    def drop(self) -> None:
        """Remove the pages."""
        shutil.rmtree(self.folder)


RESTART = "start anew with --restart (restart=True), which drops the pages had so far"


def open_parts(out: Path, query: dict[str, str], first: str, accessed: str, *, restart: bool) -> Parts:
    """Take up the pages beside a file, or start without any.

    Parameters
    ----------
    out : Path
        The file that is to be made.
    query : dict
        What is asked, without secrets.
    first : str
        The first page number, cursor or offset.
    accessed : str
        ISO date of this call.
    restart : bool
        Whether to drop pages that are there.

    Returns
    -------
    Parts
        The pages.

    Raises
    ------
    InputError
        If the pages there belong to another query, or cannot be read.
    """
    folder = out.with_name(f"{out.name}.parts")
    if restart and folder.is_dir():
        shutil.rmtree(folder)
    fresh = Parts(folder, query, first, accessed)
    if not folder.exists():
        return fresh
    try:
        state = json.loads((folder / STATE).read_bytes())
        if state.pop("layout") != LAYOUT:
            raise ValueError
        found = Parts(folder=folder, **state)
    except FileNotFoundError:
        # It broke before the first page was noted.
        return fresh
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            "the note of the pages had so far cannot be read", file=f"{folder.name}/{STATE}", remedy=RESTART
        ) from error
    if found.query != query:
        names = [name for name in {**found.query, **query} if found.query.get(name) != query.get(name)]
        raise InputError(
            f"pages of another query are kept here (other: {', '.join(names)})",
            file=folder.name,
            remedy=f"ask as before, take another file, or {RESTART}",
        )
    return found


def write_whole(path: Path, body: bytes) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    path : Path
        The file.
    body : bytes
        What it holds.
    """
    scratch = path.with_name(f"{path.name}.new")
    scratch.write_bytes(body)
    os.replace(scratch, path)


def _name(number: int) -> str:
    return f"page-{number + 1:06d}.json"
