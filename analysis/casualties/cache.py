"""Answers kept by content: the same numbers asked the same question by the same code are not computed twice."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from casualties.errors import InputError
from casualties.provenance import tree_sha256

__all__ = ["Cache", "content_key", "default_cache"]

_PACKAGE = Path(__file__).resolve().parent
_SCHEMA = "CREATE TABLE IF NOT EXISTS answers (code TEXT, key TEXT, answer TEXT, PRIMARY KEY (code, key)) WITHOUT ROWID"
_AT_ONCE = 500
_WAIT_SECONDS = 30.0
_VARIABLE = "CASUALTIES_CACHE"


@lru_cache(maxsize=1)
def _code() -> str:
    """Give the hash of the package's source: an answer of other code is another answer."""
    return tree_sha256(_PACKAGE, ("**/*.py",))


def content_key(*parts: Any) -> str:
    """Give the key of a question: a hash of everything that its answer depends on.

    Parameters
    ----------
    *parts
        Bytes, or values that JSON can hold (mappings in any order of their names), and among these tables, sets, days
        and records (dataclasses: their fields).

    Returns
    -------
    str
        SHA-256 in hexadecimal.

    Raises
    ------
    TypeError
        If a part is none of these.

    Examples
    --------
    >>> content_key(b"1 2 3", {"level": 0.95, "days": 28}) == content_key(b"1 2 3", {"days": 28, "level": 0.95})
    True
    """
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, default=_plain).encode()
        digest.update(f"{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    """Give what JSON does not know as something that it knows."""
    if isinstance(value, pd.DataFrame):
        kinds = [[str(name), str(kind)] for name, kind in value.dtypes.items()]
        rows = pd.util.hash_pandas_object(value).to_numpy()
        return [kinds, hashlib.sha256(rows.tobytes()).hexdigest()]
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, {field.name: getattr(value, field.name) for field in fields(value)}]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Set):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is no part of a key")


def default_cache() -> Path:
    """Give the file that keeps answers where no other is named.

    Returns
    -------
    Path
        ``$CASUALTIES_CACHE`` where it is set, else ``casualties/answers.sqlite`` in the user's folder of caches.
    """
    named = os.environ.get(_VARIABLE, "")
    if named:
        return Path(named)
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if home else Path.home() / ".cache") / "casualties" / "answers.sqlite"


class Cache:
    """Answers in one file, each under the hash of its question and of the package's source.

    Answers of other versions of the source are removed when the file is opened. Several processes may use it at once;
    each answer is there whole or not at all, so that interrupted work goes on from where it stopped.

    Parameters
    ----------
    path : Path or None
        The file; it and its folder are made. None keeps answers for as long as this object lives.

    Raises
    ------
    InputError
        If the file cannot be used.

    Examples
    --------
    >>> cache = Cache(None)
    >>> cache.put("a question", {"ratio": 2.4})
    >>> cache.get(["a question", "another"])
    {'a question': {'ratio': 2.4}}
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(":memory:" if path is None else path, timeout=_WAIT_SECONDS)
            with self._file:
                self._file.execute(_SCHEMA)
                self._file.execute("DELETE FROM answers WHERE code != ?", (_code(),))
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def get(self, keys: Iterable[str]) -> dict[str, Any]:
        """Give the answers that are there.

        Parameters
        ----------
        keys : iterable of str
            Keys of questions (`content_key`).

        Returns
        -------
        dict
            Key to answer, without the keys that are not there.
        """
        wanted = list(dict.fromkeys(keys))
        found: dict[str, Any] = {}
        try:
            for start in range(0, len(wanted), _AT_ONCE):
                part = wanted[start : start + _AT_ONCE]
                marks = ", ".join("?" * len(part))
                # Only question marks are put into the text of the query.
                query = f"SELECT key, answer FROM answers WHERE code = ? AND key IN ({marks})"
                found |= {key: json.loads(answer) for key, answer in self._file.execute(query, (_code(), *part))}
        except (sqlite3.Error, ValueError) as error:
            raise self._unusable(error) from error
        return found

    def put(self, key: str, answer: Any) -> None:
        """Keep an answer.

        Parameters
        ----------
        key : str
            Key of the question.
        answer
            What JSON can hold (NaN and infinities too); floats come back exactly.
        """
        self.put_all({key: answer})

    def put_all(self, answers: Mapping[str, Any]) -> None:
        """Keep several answers at once: all of them, or none."""
        rows = [(_code(), key, json.dumps(answer)) for key, answer in answers.items()]
        try:
            with self._file:
                self._file.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """Close the file; the object cannot be used any more."""
        self._file.close()

    def _unusable(self, error: Exception) -> InputError:
        return InputError(
            f"the file of kept answers cannot be used ({error})",
            file=self.path.name if self.path else "memory",
            remedy=f"remove it, or name another file in the environment variable {_VARIABLE}",
        )
