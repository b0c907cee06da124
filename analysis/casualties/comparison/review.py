"""Doubtful pairs go out as a sheet that a person fills in, and the decisions come back as what is known."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from casualties.errors import InputError, UnknownNameError

__all__ = ["DECISIONS", "Decisions", "check_decisions", "read_decisions", "write_review"]

# What may stand in the column of decisions; an empty cell is none.
DECISIONS = ("same", "different")
NEEDED = ("id_a", "id_b", "decision")
SHEET = (
    *("id_a", "id_b", "probability", "decision", "date_start_a", "date_start_b", "date_end_a", "date_end_b"),
    *("days_apart", "place_a", "place_b", "km", "best_a", "best_b", "kind_a", "kind_b"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """What a person has decided about pairs of events.

    Parameters
    ----------
    table : DataFrame
        ``row`` (in the file; the header is row 1), ``id_a, id_b, decision`` (``"same"`` or ``"different"``).
    file : str, optional
        Name of the file.

    Raises
    ------
    UnknownNameError
        If a decision is none of the two.
    InputError
        If a pair is decided twice, or an event is said to be the same as two others.
    """

    table: pd.DataFrame
    file: str = ""

    def __post_init__(self) -> None:
        for row in self.table.to_dict("records"):
            if row["decision"] not in DECISIONS:
                raise UnknownNameError(f"decision (row {row['row']})", row["decision"], DECISIONS, file=self.file)
        for name in ("id_a", "id_b"):
            self._refuse(self.table[name] == "", name, "a decision needs the ids of both events")
        pairs = self.table["id_a"].str.cat(self.table["id_b"], sep=" and ")
        self._refuse(pairs.duplicated(), "id_a", "this pair was decided in a row above already")
        same = self.table[self.table["decision"] == "same"]
        for name in ("id_a", "id_b"):
            repeated = self.table.index.isin(same.index[same[name].duplicated()])
            self._refuse(
                pd.Series(repeated, index=self.table.index),
                name,
                "this event is said to be the same as two others (conflicting decisions)",
            )

    def __len__(self) -> int:
        return len(self.table)

    def _refuse(self, faulty: pd.Series[bool], column: str, message: str) -> None:
        if faulty.any():
            row = self.table[faulty.to_numpy()].iloc[0]
            raise InputError(
                message,
                file=self.file,
                row=int(row["row"]),
                column=column,
                value=row[column],
                remedy="keep one of them" if "decided" in message or "two" in message else "fill them in",
            )


def read_decisions(path: str | Path) -> Decisions:
    """Read a review sheet that was filled in.

    Parameters
    ----------
    path : str or Path
        A CSV with the columns ``id_a, id_b, decision``; others are not read. Rows without a decision are left out.

    Returns
    -------
    Decisions

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, decides a pair twice, or contradicts itself.
    UnknownNameError
        If a decision is neither ``same`` nor ``different``.
    """
    file = Path(path).name
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError(
            "the sheet cannot be read as CSV", file=file, remedy="give the file that .review wrote, in UTF-8"
        ) from error
    for name in NEEDED:
        if name not in raw:
            raise InputError("the sheet lacks this column", file=file, column=name, remedy="keep its headings")
    table = raw[list(NEEDED)].apply(lambda column: column.str.strip())
    table["decision"] = table["decision"].str.lower()
    table.insert(0, "row", range(2, len(table) + 2))
    return Decisions(table[table["decision"] != ""].reset_index(drop=True), file)


def check_decisions(decisions: Decisions, ids_a: pd.Series, ids_b: pd.Series) -> pd.DataFrame:
    """Give the decisions with the rows of the events that they are about.

    Parameters
    ----------
    decisions : Decisions
        The decisions.
    ids_a, ids_b : Series of str
        Ids of the events of each list, in order.

    Returns
    -------
    DataFrame
        ``a, b`` (row in each list), ``same`` (bool).

    Raises
    ------
    InputError
        If an id is in none of the list's events.
    """
    found = {}
    for name, ids, mine in (("id_a", ids_a, "a"), ("id_b", ids_b, "b")):
        place = pd.Series(range(len(ids)), index=ids.astype("str"))
        found[mine] = decisions.table[name].map(place)
        unknown = decisions.table[found[mine].isna()]
        if len(unknown):
            raise InputError(
                f"the {'first' if mine == 'a' else 'second'} list has no event of this id",
                file=decisions.file,
                row=int(unknown["row"].iloc[0]),
                column=name,
                value=unknown[name].iloc[0],
                remedy="remove the row, or give the lists in the order of the sheet",
            )
    return pd.DataFrame({**found, "same": decisions.table["decision"] == "same"}).astype({"a": "int64", "b": "int64"})


def write_review(pairs: pd.DataFrame, path: str | Path) -> None:
    """Write a sheet of pairs, the most doubtful first, those that were decided at the end.

    Parameters
    ----------
    pairs : DataFrame
        The columns of the sheet.
    path : str or Path
        Where to; a file that is there is replaced.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    sheet = pairs.assign(doubt=(pairs["probability"] - 0.5).abs(), open=pairs["decision"] == "")
    sheet = sheet.sort_values(["open", "doubt", "id_a", "id_b"], ascending=[False, True, True, True])[list(SHEET)]
    sheet = sheet.assign(probability=sheet["probability"].round(3), km=sheet["km"].round(1))
    part = Path(f"{path}.part")
    try:
        sheet.to_csv(part, index=False, lineterminator="\n", date_format="%Y-%m-%d")
        os.replace(part, path)
    except OSError as error:
        raise InputError(
            f"the sheet cannot be written ({error.strerror or error})", file=Path(path).name, remedy="check the folder"
        ) from error
