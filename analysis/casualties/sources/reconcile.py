"""A provider's own totals beside what was read: every difference has a row, and nothing is corrected."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from casualties.errors import InputError, UnknownNameError
from casualties.events import DEATHS, Events
from casualties.ledger import ESTIMATES, Ledger, parse_counts
from casualties.sources.files.raw import cell_text
from casualties.sources.files.tables import read_table

__all__ = ["Totals", "difference_note", "reconcile"]

Totals = Mapping[str, int] | pd.DataFrame | str | Path

FIGURES = ("events", *DEATHS)
# Other names of figures and places, as providers and their codebooks write them.
SPELLINGS = {
    "rows": "events",
    "deaths_civilians": "civilians",
    "deaths_unknown": "unknown",
    "type_of_violence": "kind",
    "adm_1": "adm1",
    "adm_2": "adm2",
}
# How much of the date a period is.
PERIODS = {"year": 4, "month": 7}
EVERYTHING, UNCOVERED = "all", "(no total given)"


def reconcile(
    events: Events, totals: Totals, *, rows: pd.DataFrame | None = None, strict: bool = False
) -> pd.DataFrame:
    """Hold what was read against the provider's own totals.

    Parameters
    ----------
    events : Events
        The events and their ledger.
    totals : mapping, DataFrame or path
        Figures by name for the whole table (``{"events": 16566, "best": 112337}``), or a table (CSV, a workbook and
        their like) with a row a total. Figures: ``events, low, best, high, civilians, deaths_a, deaths_b, unknown``.
        Every other column says what a total is of: a column of the events such as ``country`` or ``adm1``, ``year``
        (the provider's own, else that of the first day) or ``month`` (``2019-05``, of the first day); a blank there
        means all of it. A blank figure is not given.
    rows : DataFrame of str, optional
        The table as it was read, indexed by the row's number in the file: it tells which year or place a row in the
        ledger belongs to. Without it that is not known.
    strict : bool
        Whether a difference is an error.

    Returns
    -------
    DataFrame
        One row a figure of a total: ``scope``, ``figure``, ``provider``, ``here`` (in the accepted events),
        ``ledger`` (in rows that could not be used; NA for figures that the ledger does not keep) and ``difference``
        (provider less here less ledger). What no total covers stands last, under ``"(no total given)"``.

    Raises
    ------
    InputError
        If the totals cannot be read, or `strict` is set and a figure differs.
    UnknownNameError
        If a column of the totals is neither a figure nor a column of the events.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.read_ucdp_ged(ca.bundled("idlib-2019") / "ged_syria.csv")
    >>> reconcile(events, {"events": 16566, "best": 112337})
      scope  figure  provider    here  ledger  difference
    0   all  events     16566   16566       0           0
    1   all    best    112337  112337       0           0
    """
    given, file = _read(totals)
    figures = [name for name in given if name in FIGURES]
    scopes = [str(name) for name in given if name not in FIGURES]
    # Documents that a replay leaves out are no events.
    ledger = events.rejected.drop(events.early_documents.index)
    here, there = _keys(events.accepted, scopes, file), _ledger_keys(ledger, rows, scopes, file)
    counts = _counts(given, figures, file)
    covered, known = np.zeros(len(events.accepted), dtype=bool), np.zeros(len(ledger), dtype=bool)
    entries = []
    for position, row in enumerate(given[scopes].to_dict("records")):
        asked = {str(name): value for name, value in row.items() if value}
        mine, theirs = _mask(here, asked, len(covered)), _mask(there, asked, len(known))
        covered |= mine
        known |= theirs
        words = ", ".join(f"{name} {value}" for name, value in asked.items()) or EVERYTHING
        for name in figures:
            figure = counts[name].iloc[position]
            if not pd.isna(figure):
                entries.append((words, name, figure, _sum(events.accepted, name, mine), _sum(ledger, name, theirs)))
    if not (covered.all() and known.all()):
        rest = [(_sum(events.accepted, name, ~covered), _sum(ledger, name, ~known)) for name in figures]
        entries += [(UNCOVERED, name, pd.NA, *pair) for name, pair in zip(figures, rest, strict=True)]
    table = pd.DataFrame(entries, columns=["scope", "figure", "provider", "here", "ledger"])
    numbers = table[["provider", "here", "ledger"]].astype("Int64")
    table[["provider", "here", "ledger"]] = numbers
    table["difference"] = numbers["provider"] - numbers["here"] - numbers["ledger"].fillna(0)
    if strict and (table["difference"] != 0).fillna(False).any():
        raise InputError(
            difference_note(table),
            file=events.record.file,
            remedy="check that the totals are of this version of the file, and read what its ledger holds",
        )
    return table


def difference_note(table: pd.DataFrame) -> str:
    """Say in a sentence how a table agrees with its provider's totals.

    Parameters
    ----------
    table : DataFrame
        As `reconcile` gives it.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.read_ucdp_ged(ca.bundled("idlib-2019") / "ged_syria.csv")
    >>> difference_note(reconcile(events, {"events": 16566, "best": 112340}))
    "1 of 2 of the provider's totals differ; the first: all, best: 112,340 given, 112,337 read and 0 in the ledger"
    """
    given = table[table["provider"].notna()]
    odd = given[given["difference"] != 0]
    if odd.empty:
        return f"All {len(given)} of the provider's totals agree with what was read and what is in the ledger"
    first = odd.iloc[0]
    kept = "an unknown number" if pd.isna(first["ledger"]) else f"{first['ledger']:,}"
    return (
        f"{len(odd)} of {len(given)} of the provider's totals differ; the first: {first['scope']}, {first['figure']}: "
        f"{first['provider']:,} given, {first['here']:,} read and {kept} in the ledger"
    )


def _read(totals: Totals) -> tuple[pd.DataFrame, str]:
    """Give the totals as text under our names, indexed by their row, and the name of their file."""
    file = ""
    if isinstance(totals, pd.DataFrame):
        cells = totals.astype("object").where(totals.notna(), None)
        frame = cells.map(cell_text).astype("str").reset_index(drop=True)
    elif isinstance(totals, Mapping):
        frame = pd.DataFrame([{str(name): cell_text(value) for name, value in totals.items()}], dtype="str")
    else:
        file = Path(totals).name
        table = read_table(totals)
        for row, reason in table.faults.items():
            raise InputError(reason, file=file, row=row, remedy="correct the row")
        frame = table.frame
    frame = frame.rename(columns={name: SPELLINGS.get(str(name), str(name)) for name in frame}).map(str.strip)
    doubled = frame.columns[frame.columns.duplicated()]
    if len(doubled):
        raise InputError("the totals give this twice", file=file, column=str(doubled[0]), remedy="keep one")
    figures = [name for name in frame if name in FIGURES]
    if not figures or frame.empty:
        raise InputError(
            "there are no totals to compare with", file=file, column="totals", remedy=f"give {', '.join(FIGURES)}"
        )
    repeated = frame.drop(columns=figures).assign(whole="").duplicated()
    if repeated.any():
        row = int(frame.index[repeated][0])
        raise InputError("a total of the same stands above", file=file, row=row if file else None, remedy="keep one")
    return frame, file


def _counts(given: pd.DataFrame, figures: list[str], file: str) -> pd.DataFrame:
    """Read the figures; one that is no number is an error, since it would leave a total unchecked."""
    faults = Ledger(given.index)
    counts = pd.DataFrame({name: parse_counts(given[name], name, faults, optional=True) for name in figures})
    if not faults.good.all():
        first = faults.frame(pd.Series("", index=given.index), pd.DataFrame(index=given.index)).iloc[0]
        raise InputError(
            str(first["reason"]),
            file=file,
            row=int(first["row"]) if file else None,
            column=str(first["column"]),
            value=first["value"],
            remedy="correct the total, or leave it blank",
        )
    return counts


def _keys(frame: pd.DataFrame, scopes: list[str], file: str) -> dict[str, pd.Series]:
    """Give what each row belongs to, as text."""
    keys = {}
    for name in scopes:
        if name in frame:
            keys[name] = frame[name].astype("str").str.strip()
        elif name in PERIODS:
            keys[name] = frame["date_start"].astype("str").str[: PERIODS[name]]
        else:
            raise UnknownNameError("totals", name, [*FIGURES, *PERIODS, *map(str, frame.columns)], file=file)
    return keys


def _ledger_keys(ledger: pd.DataFrame, rows: pd.DataFrame | None, scopes: list[str], file: str) -> dict[str, pd.Series]:
    """Give what each row of the ledger belongs to; nothing where that is not known."""
    unknown = pd.Series("", index=ledger.index, dtype="str")
    if rows is None:
        return dict.fromkeys(scopes, unknown)
    # In a row with too few or too many cells (no column is named) a value may stand under the wrong column.
    placed = ledger[(ledger["column"] != "") & ledger["row"].notna()]
    cells = rows.loc[placed["row"].astype("int64")].set_axis(placed.index)
    return {name: key.reindex(ledger.index, fill_value="") for name, key in _keys(cells, scopes, file).items()}


def _mask(keys: Mapping[str, pd.Series], asked: Mapping[str, str], length: int) -> np.ndarray:
    """Tell which rows a total is of."""
    mask = np.ones(length, dtype=bool)
    for name, value in asked.items():
        mask &= (keys[name] == value).to_numpy(dtype=bool)
    return mask


def _sum(frame: pd.DataFrame, figure: str, mask: np.ndarray) -> object:
    """Count events or deaths; NA where rows are there and the figure is not kept of them."""
    if figure == "events" or not mask.any():
        return int(mask.sum())
    if figure not in frame or (figure not in ESTIMATES and frame.loc[mask, figure].isna().all()):
        return pd.NA
    return int(frame.loc[mask, figure].sum())
