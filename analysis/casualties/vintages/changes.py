"""What changed between two vintages: every event that came, went or was revised, with totals that add up."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from casualties.errors import ConservationError, InputError
from casualties.events import Events
from casualties.results import Basis, Result
from casualties.sources.lists.victims import ROW_ID
from casualties.vintages.vintage import COUNTS, basis_of, version_of

__all__ = ["VintageChanges", "compare_vintages"]

NEEDED = ("id", "date_start", "date_end", *COUNTS)


@dataclass(frozen=True)
class VintageChanges(Result):
    """What changed between two vintages of a list of events.

    Parameters
    ----------
    basis : Basis
        What it rests on.
    totals : DataFrame
        Indexed by ``low, best, high, civilians``: ``old`` + ``added`` - ``removed`` + ``revised`` + ``told`` = ``new``
        (people), and the parts of the revisions, ``raised`` and ``lowered``. Each is the sum of the figures given, and
        NA where there are events and none gives the figure. ``told`` is the figures of events in both vintages that
        only the new one gives, less those that only the old one gives: no number was revised there.
        ``old_not_given`` and ``new_not_given`` are the events without the figure.
    events : DataFrame
        One row an event that differs: ``id, change`` (``added``, ``removed``, ``revised``), ``date_start``, the
        differences ``low, best, high, civilians`` (new minus old, people; NA where either is not given), ``columns``
        (those that differ in a revised event, joined by ``;``) and ``ledger`` (why the vintage without the event does
        not accept it, where its ledger says so).
    unchanged : int
        Events alike in both.
    """

    basis: Basis
    totals: pd.DataFrame
    events: pd.DataFrame
    unchanged: int

    @property
    def added(self) -> pd.DataFrame:
        """The events that only the new vintage accepts."""
        return self.events[self.events["change"] == "added"]

    @property
    def removed(self) -> pd.DataFrame:
        """The events that only the old vintage accepts."""
        return self.events[self.events["change"] == "removed"]

    @property
    def revised(self) -> pd.DataFrame:
        """The events that both accept and of which a column differs, deaths or other."""
        return self.events[self.events["change"] == "revised"]

    def summary(self) -> str:
        """Give the basis, the number of events that changed and the totals as text."""
        moved = sum(not set(COUNTS).isdisjoint(columns.split(";")) for columns in self.revised["columns"])
        lines = [
            f"{len(self.added):,} events added, {len(self.removed):,} removed, {len(self.revised):,} revised "
            f"({moved:,} in their deaths), {self.unchanged:,} unchanged"
        ]
        lines += [f"  {name}: {_line(row)}" for name, row in self.totals.to_dict("index").items()]
        return "\n".join([*self.basis.lines(), *lines])

    def to_frame(self) -> pd.DataFrame:
        """Give one row an event that differs."""
        return self.events.reset_index(drop=True)


def _line(row: dict[Hashable, Any]) -> str:
    """Give the totals of one figure as text."""
    if pd.isna(row["old"]) and pd.isna(row["new"]):
        return "not given"
    old, added, removed, new = (_people(row[name], ",") for name in ("old", "added", "removed", "new"))
    told = f" {row['told']:+,} (given by one only)" if not pd.isna(row["told"]) and row["told"] else ""
    silent = [f"{row[f'{side}_not_given']:,} {side}" for side in ("old", "new") if row[f"{side}_not_given"]]
    without = f" (events that do not give it: {', '.join(silent)})" if silent else ""
    return f"{old} + {added} - {removed} {_people(row['revised'], '+,')}{told} = {new}{without}"


def _people(number: Any, form: str) -> str:
    return "NA" if pd.isna(number) else format(number, form)


def compare_vintages(old: Events | pd.DataFrame, new: Events | pd.DataFrame) -> VintageChanges:
    """Tell which events were added, removed and revised between two vintages, and by how many deaths.

    Parameters
    ----------
    old, new : Events or DataFrame
        The vintages; a plain table has the columns ``id, date_start, date_end, low, best, high, civilians``. Columns
        that only one has, and ``flags``, are not compared.

    Returns
    -------
    VintageChanges

    Raises
    ------
    InputError
        If a column is missing, an id is missing or used twice, or ids are numbers of rows (flag ``row-id``) of two
        files: a row put in would make every later one another event.
    ConservationError
        If the totals do not add up (a fault of the package).

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.load_study("idlib-2019").sources["ucdp"]
    >>> changes = compare_vintages(events.as_of("2019-05-10"), events.as_of("2019-05-11"))
    >>> changes.totals.loc["best", ["old", "added", "removed", "revised", "new"]].tolist()
    [105430, 24, 0, 0, 105454]
    """
    before, after = _by_id(old, "old"), _by_id(new, "new")
    if not _same_file(old, new):
        for argument, frame in (("old", before), ("new", after)):
            _require_ids(frame, argument)
    both = before.index[before.index.isin(after.index)]
    compared = [name for name in before.columns if name in after.columns and name != "flags"]
    differs = pd.DataFrame({name: _differs(before.loc[both, name], after.loc[both, name]) for name in compared})
    differs = differs.reindex(both)
    revised = both[differs.any(axis=1).to_numpy(dtype=bool)] if compared else both[:0]
    added = after.index[~after.index.isin(before.index)]
    removed = before.index[~before.index.isin(after.index)]
    was, now = (frame[list(COUNTS)].astype("Int64") for frame in (before, after))
    moves = {"added": now.loc[added], "removed": -was.loc[removed], "revised": now.loc[revised] - was.loc[revised]}
    came = now.loc[revised].where(was.loc[revised].isna())
    went = was.loc[revised].where(now.loc[revised].isna())
    figures = moves["revised"].mask(came.notna() | went.notna(), 0)
    # Zero where nothing moved, NA where something did and nobody says how much.
    totals = pd.DataFrame(
        {
            "old": _sums(was),
            "added": _sums(moves["added"]),
            "removed": -_sums(moves["removed"]),
            "revised": _sums(figures),
            "told": came.sum() - went.sum(),
            "new": _sums(now),
            "raised": _sums(figures.clip(lower=0)),
            "lowered": -_sums(figures.clip(upper=0)),
            "old_not_given": was.isna().sum(),
            "new_not_given": now.isna().sum(),
        }
    ).astype("Int64")
    totals.index.name = "measure"
    whole = totals.fillna(0)
    if (whole["old"] + whole["added"] - whole["removed"] + whole["revised"] + whole["told"] != whole["new"]).any():
        raise ConservationError("the changes between the vintages do not add up to the difference of their totals")
    words = pd.Series(
        [";".join(str(compared[place]) for place in np.flatnonzero(row)) for row in differs.loc[revised].to_numpy()],
        index=revised,
        dtype="str",
    )
    why = {"added": _ledger_reasons(old), "removed": _ledger_reasons(new), "revised": {}}
    tables = []
    for change, moved in moves.items():
        table = moved.reset_index(names="id")
        table.insert(1, "change", change)
        dates = (before if change == "removed" else after)["date_start"]
        table.insert(2, "date_start", dates.loc[moved.index].to_numpy())
        table["columns"] = words.to_numpy() if change == "revised" else ""
        table["ledger"] = pd.Series([why[change].get(name, "") for name in table["id"]], dtype="str")
        tables.append(table)
    events = pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)
    names = [source.record.name for source in (new, old) if isinstance(source, Events)] or ["a list of events"]
    starts = [frame["date_start"].min() for frame in (before, after) if len(frame)]
    ends = [frame["date_end"].max() for frame in (before, after) if len(frame)]
    basis = basis_of(
        f"recorded deaths, changes between two vintages of {names[0]}",
        names[0],
        f"{version_of(old) or 'old'} and {version_of(new) or 'new'}",
        min(starts, default=None),
        max(ends, default=None),
        "events matched by id; every column that both vintages have is compared",
    )
    return VintageChanges(basis, totals, events, len(both) - len(revised))


def _by_id(source: Events | pd.DataFrame, argument: str) -> pd.DataFrame:
    """Give the events of a vintage indexed by id."""
    frame = source.accepted if isinstance(source, Events) else source
    for name in NEEDED:
        if name not in frame.columns:
            raise InputError("the column is missing", column=f"{argument}: {name}", remedy="give it")
    if frame["id"].isna().any() or (frame["id"].astype("str") == "").any():
        raise InputError("an event has no id", column=f"{argument}: id", remedy="give each event one")
    twice = frame["id"][frame["id"].duplicated()]
    if len(twice):
        raise InputError("the id is used twice", column=f"{argument}: id", value=twice.iloc[0], remedy="keep one row")
    return frame.set_index(frame["id"].astype("str").rename("id")).drop(columns="id")


def _same_file(old: Events | pd.DataFrame, new: Events | pd.DataFrame) -> bool:
    """Tell whether both were read from the same bytes, as two replays of one table are: a row is the same row there."""
    if not isinstance(old, Events) or not isinstance(new, Events):
        return False
    return bool(old.record.sha256) and old.record.sha256 == new.record.sha256


def _require_ids(frame: pd.DataFrame, argument: str) -> None:
    """Raise if an id is the number of a row."""
    if "flags" not in frame.columns:
        return
    numbered = frame.index[frame["flags"].astype("str").str.split(";").map(lambda flags: ROW_ID in flags).astype(bool)]
    if len(numbered):
        raise InputError(
            f"the ids of {len(numbered):,} events are numbers of rows, which name other events in another file",
            column=f"{argument}: id",
            value=numbered[0],
            remedy='map a column of ids (in [columns] id = "…", of victims incident = "…"), or compare totals only '
            "(`VintageStore.vintages`)",
        )


def _sums(counts: pd.DataFrame) -> pd.Series:
    """Add up what is given; NA where there are rows and none gives it."""
    return counts.sum(min_count=1 if len(counts) else 0)


def _differs(old: pd.Series, new: pd.Series) -> pd.Series:
    """Tell where two columns differ; two missing cells are alike."""
    if old.dtype != new.dtype:
        numbers = pd.api.types.is_numeric_dtype(old) and pd.api.types.is_numeric_dtype(new)
        old, new = (column.astype("Float64" if numbers else "str") for column in (old, new))
    differs = (old != new).astype("boolean").fillna(True) & ~(old.isna() & new.isna())
    return differs.astype("bool")


def _ledger_reasons(source: Events | pd.DataFrame) -> dict[str, str]:
    """Give the first reason in the ledger by id."""
    if not isinstance(source, Events):
        return {}
    first = source.rejected.drop_duplicates("id")
    return dict(zip(first["id"].astype("str"), first["reason"].astype("str"), strict=True))
