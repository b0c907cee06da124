"""Who stands on which lists, as a table of counts: read with care, or made from the sources that events cite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from casualties.comparison.citations import cites_known, select_events
from casualties.errors import InputError, UnknownNameError
from casualties.events import Events, Where
from casualties.inference.log_linear import MOST_LISTS, all_cells

__all__ = ["CaptureTable", "citation_cells", "read_cells"]


@dataclass(frozen=True, slots=True, eq=False)
class CaptureTable:
    """Counts by the lists that hold them.

    Parameters
    ----------
    lists : tuple of str
        Names of the lists, in the order of the alphabet.
    counts : ndarray of float, shape (2 ** lists - 1,)
        Persons or events in each observable cell, in the order of `all_cells`.
    """

    lists: tuple[str, ...]
    counts: npt.NDArray[np.float64]

    @property
    def cells(self) -> npt.NDArray[np.int64]:
        """The observable cells, as 0/1 rows."""
        return all_cells(len(self.lists))

    @property
    def recorded(self) -> int:
        """Persons or events on any list."""
        return int(self.counts.sum())

    def by_lists(self) -> npt.NDArray[np.float64]:
        """Give how many are on exactly 1, 2, … lists."""
        numbers = np.bincount(self.cells.sum(axis=1), weights=self.counts, minlength=len(self.lists) + 1)
        return numbers[1:].astype(np.float64)

    def held(self) -> npt.NDArray[np.float64]:
        """Give how many each list holds."""
        return self.counts @ self.cells

    def shared(self, first: int, second: int) -> float:
        """Give how many are on both of two lists, by position."""
        return float(self.counts[(self.cells[:, first] & self.cells[:, second]) == 1].sum())


def read_cells(cells: pd.DataFrame, by: Sequence[str] = ()) -> dict[tuple[str, ...], CaptureTable]:
    """Read a table with one 0/1 column a list and a column of counts.

    Parameters
    ----------
    cells : DataFrame
        One 0/1 column a list (two to five) and ``count``; rows of the same cell add up; a row of zeros is ignored, for
        nobody can have counted it.
    by : sequence of str, optional
        Further columns whose values are strata, such as places or periods.

    Returns
    -------
    dict of tuple of str to CaptureTable
        One table a stratum, in the order of the alphabet; the one key is empty without strata.

    Raises
    ------
    InputError
        If there is no count, a count is no whole number from 0, a cell is neither 0 nor 1, or there are not two to
        five lists.
    UnknownNameError
        If a stratum is no column.

    Examples
    --------
    >>> made = read_cells(pd.DataFrame({"B": [1, 0, 1], "A": [0, 1, 1], "count": [20, 30, 10]}))[()]
    >>> made.lists, made.counts.tolist()
    (('A', 'B'), [20.0, 30.0, 10.0])
    """
    names = [str(name) for name in cells]
    for name in names:
        if names.count(name) > 1:
            raise InputError("a column stands twice", column=name, remedy="give each list one column")
    if "count" not in cells:
        raise InputError("the table has no counts", column="count", remedy="name the column of counts so")
    for name in by:
        if name not in cells or name == "count":
            raise UnknownNameError("by", name, [str(column) for column in cells if column != "count"])
    lists = sorted(str(name) for name in cells if name not in {"count", *by})
    if not 2 <= len(lists) <= MOST_LISTS:
        raise InputError(
            f"two to {MOST_LISTS} lists can be compared",
            column=", ".join(lists) or "lists",
            value=len(lists),
            remedy="leave out or merge lists" if len(lists) > MOST_LISTS else "give one 0/1 column a list",
        )
    frame = cells.rename(columns=str)
    for name in lists:
        wrong = ~frame[name].isin([0, 1])
        if wrong.any():
            raise InputError(
                "a list holds a person (1) or does not (0)",
                row=int(np.flatnonzero(wrong)[0]) + 1,
                column=name,
                value=frame[name][wrong].iloc[0],
                remedy="write 0 or 1",
            )
    counts = pd.to_numeric(frame["count"], errors="coerce").astype("float64")
    wrong = counts.isna() | (counts < 0) | (counts % 1 != 0)
    if wrong.any():
        raise InputError(
            "a count is a whole number from 0",
            row=int(np.flatnonzero(wrong)[0]) + 1,
            column="count",
            value=frame["count"][wrong].iloc[0],
        )
    if by and cells.empty:
        raise InputError("the table has no rows, so that there are no strata", column=", ".join(by))
    code = frame[lists].astype("int64").to_numpy() @ (1 << np.arange(len(lists))[::-1])
    keys = frame[list(by)].astype(str).agg("\0".join, axis=1) if by else pd.Series("", index=frame.index)
    found = {}
    for key in sorted(keys.unique()) if by else [""]:
        mine = (keys == key).to_numpy()
        table = np.bincount(code[mine], weights=counts.to_numpy()[mine], minlength=2 ** len(lists))
        found[tuple(key.split("\0")) if by else ()] = CaptureTable(tuple(lists), table[1:].astype(np.float64))
    return found


def citation_cells(
    events: Events,
    sources: Sequence[str],
    *,
    victims: str = "all",
    where: Where | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Count events by which of several sources they cite.

    Parameters
    ----------
    events : Events
        The event source, with codes in ``cited``.
    sources : sequence of str
        Two to five codes.
    victims, where, start, end
        As in `casualties.comparison.dependence.source_dependence`.

    Returns
    -------
    DataFrame
        One 0/1 column a source and ``count``, the cell of events that cite none of them left out.

    Raises
    ------
    UnknownNameError
        If a source is cited by no event, or a place or class of victims does not exist.
    InputError
        If there are not two to five sources.

    Examples
    --------
    >>> import casualties as ca
    >>> events = ca.load_study("idlib-2019").sources["ucdp"]
    >>> west = {"adm1": ["Idlib Governorate", "Hamah Governorate", "Aleppo Governorate", "Latakia Governorate"]}
    >>> citation_cells(events, ["SOHR", "Airwars"], victims="civilians", where=west, start="2019-04-30",
    ...                end="2019-08-31").to_dict("list")
    {'SOHR': [0, 1, 1], 'Airwars': [1, 0, 1], 'count': [22, 260, 191]}
    """
    if not 2 <= len(set(sources)) <= MOST_LISTS or len(set(sources)) < len(sources):
        raise InputError(
            f"two to {MOST_LISTS} different sources can be compared", column="sources", value=", ".join(sources)
        )
    chosen, _ = select_events(events, where, start, end, victims, {})
    hits = np.column_stack([cites_known(chosen, events, source, "sources").to_numpy() for source in sources])
    table = all_cells(len(sources))
    counts = [int((hits == cell.astype(bool)).all(axis=1).sum()) for cell in table]
    return pd.DataFrame({**dict(zip(sources, table.T, strict=True)), "count": counts})
