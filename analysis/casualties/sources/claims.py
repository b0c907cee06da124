"""Statements to be checked, one a row: a CSV file, or a TOML file that also says what its words mean."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from casualties.errors import InputError, UnknownNameError
from casualties.sources.files.opening import find
from casualties.sources.files.tables import read_table

__all__ = ["CLAIM_COLUMNS", "ClaimsTable", "read_claims"]

CLAIM_COLUMNS = (
    *("claim_id", "attributed_to", "published_by", "published_date", "measure", "victims", "place", "period_start"),
    *("period_end", "perpetrator", "operator", "value", "unit", "claim", "words", "relation", "other_counts"),
)
NOTE = "note"
TABLES = ("claims", "terms")


@dataclass(frozen=True, slots=True, eq=False)
class ClaimsTable:
    """Statements as text, and what the file says of its words.

    Parameters
    ----------
    frame : DataFrame
        One row a claim, `CLAIM_COLUMNS` as far as the file has them, as text; indexed by the row of the file (of a TOML
        file: by the number of the claim). A ``note`` is not read.
    file : str
        Name of the file.
    terms : mapping
        The file's own ``[terms]``; empty for a CSV file.
    """

    frame: pd.DataFrame
    file: str
    terms: Mapping[str, Any] = field(default_factory=dict)


def read_claims(path: str | Path) -> ClaimsTable:
    """Read statements to be checked.

    Parameters
    ----------
    path : str or Path
        A table of any kind that the package opens, or a ``.toml`` file with ``[[claims]]`` and, if need be,
        ``[terms]``. What the columns mean stands in `casualties.claims.statements`.

    Returns
    -------
    ClaimsTable

    Raises
    ------
    InputError
        If the file cannot be read, or a row is broken.

    Examples
    --------
    >>> import casualties as ca
    >>> table = read_claims(ca.bundled("idlib-2019") / "claims.csv")
    >>> table.frame.loc[2, "claim"], "note" in table.frame
    ('air strikes on the market killed 27', False)
    """
    file = find(path)
    if file.suffix.lower() == ".toml":
        return _read_toml(file)
    table = read_table(file, keep=CLAIM_COLUMNS)
    for row, reason in table.faults.items():
        raise InputError(reason, file=file.name, row=row, remedy="correct the row")
    frame = table.frame[[name for name in table.frame if name in CLAIM_COLUMNS]]
    return ClaimsTable(frame, file.name)


def _read_toml(file: Path) -> ClaimsTable:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"it cannot be read ({reason})", file=file.name, remedy="correct the file") from error
    for name in table:
        if name not in TABLES:
            raise UnknownNameError("table", name, TABLES, file=file.name)
    claims = table.get("claims", [])
    if not isinstance(claims, list) or not claims:
        raise InputError("there are no claims", file=file.name, column="[[claims]]", remedy="write one or more")
    rows = [_cells(entry, number, file.name) for number, entry in enumerate(claims, start=1)]
    frame = pd.DataFrame(rows, columns=pd.Index(CLAIM_COLUMNS)).astype("str")
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="row")
    terms = table.get("terms", {})
    if not isinstance(terms, Mapping):
        raise InputError("a table is needed here", file=file.name, column="[terms]", value=terms)
    return ClaimsTable(frame, file.name, terms)


def _cells(entry: object, number: int, file: str) -> dict[str, str]:
    """Give the cells of one claim as text, blank where it says nothing; numbers and days may stand unquoted."""
    if not isinstance(entry, Mapping):
        raise InputError("a claim is a table", file=file, row=number, column="[[claims]]", value=entry)
    cells = dict.fromkeys(CLAIM_COLUMNS, "")
    for key, value in entry.items():
        if key == NOTE:
            continue
        if key not in CLAIM_COLUMNS:
            raise UnknownNameError("[[claims]] entry", key, (*CLAIM_COLUMNS, NOTE), file=file)
        if isinstance(value, Mapping | bool):
            raise InputError("a word, a number or a day is needed here", file=file, row=number, column=key, value=value)
        cells[key] = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return cells
