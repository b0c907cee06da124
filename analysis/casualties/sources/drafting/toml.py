"""Write a mapping as TOML with a comment above each entry that needs one: a draft is read by people first."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["toml_key", "toml_table", "toml_value"]

BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_table(table: Mapping[str, Any], remarks: Mapping[str, str], name: str = "") -> str:
    """Write a table of text, numbers, lists and tables of these.

    Parameters
    ----------
    table : mapping
        What to write. Tables within come after the plain entries, each under its own heading; tables within these are
        written in a line.
    remarks : mapping of str to str
        Comments by entry, the names joined by dots.
    name : str, optional
        The table's own name; none for a file.

    Examples
    --------
    >>> print(toml_table({"rows": "events", "columns": {"best": "قتلى"}}, {"columns.best": "by its header"}), end="")
    rows = "events"
    <BLANKLINE>
    [columns]
    # By its header.
    best = "قتلى"
    """
    parts = [f"[{name}]\n"] if name else []
    for key, entry in table.items():
        if not isinstance(entry, Mapping):
            parts.append(_line(key, entry, remarks.get(key, "")))
    for key, entry in table.items():
        if isinstance(entry, Mapping):
            full = f"{name}.{toml_key(key)}" if name else toml_key(key)
            parts.append(f"\n[{full}]\n")
            parts += [_line(inner, value, remarks.get(f"{key}.{inner}", "")) for inner, value in entry.items()]
    return "".join(parts)


def toml_key(key: str) -> str:
    """Write a key, in quotation marks where it needs them."""
    return key if BARE.fullmatch(key) else toml_value(key)


def toml_value(value: Any) -> str:
    """Write text, a number, a truth value, a list or a table in a line.

    Examples
    --------
    >>> toml_value({"column": "Age", "values": ["1", "2"]}), toml_value(True)
    ('{ column = "Age", values = ["1", "2"] }', 'true')
    """
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml_key(key)} = {toml_value(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, str):
        # JSON's escapes are TOML's, but for the sign DEL, which TOML wants escaped too.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)


def _line(key: str, value: Any, remark: str) -> str:
    comment = f"# {remark[0].upper()}{remark[1:]}.\n" if remark else ""
    return f"{comment}{toml_key(key)} = {toml_value(value)}\n"
