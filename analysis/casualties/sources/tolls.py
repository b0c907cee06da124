"""Published totals as a table: one figure a row, with claimant, window and scope."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from casualties.ledger import Ledger, nothing_usable, parse_counts, parse_dates
from casualties.provenance import SourceRecord
from casualties.sources.files.tables import read_table
from casualties.tolls import TOLL_COLUMNS, Tolls

__all__ = ["read_tolls"]

REQUIRED = ("row_id", "claimant", "period_start", "period_end", "area", "who", "value")
COUNTS = ("children", "women", "men", "injured", "civilians_of_value")


def read_tolls(path: str | Path, record: SourceRecord | None = None) -> Tolls:
    """Read a table of published totals.

    Parameters
    ----------
    path : str or Path
        A CSV file with at least row_id, claimant, period_start, period_end, area, who and value; the other columns
        of `Tolls.frame` are optional and empty where absent.
    record : SourceRecord, optional
        Licence and attribution of the table.

    Returns
    -------
    Tolls

    Raises
    ------
    InputError
        If the file cannot be read as such a table, or no row can be used.

    Examples
    --------
    >>> import casualties as ca
    >>> ca.read_tolls(ca.bundled("idlib-2019") / "published_tolls.csv")
    <Tolls Published totals: 115 figures, 0 rejected>
    """
    file = Path(path)
    table = read_table(file, required=REQUIRED, hashed=record is None)
    if record is None:
        record = SourceRecord(name="Published totals", file=file.name, sha256=table.sha256)
    ledger = Ledger(table.frame.index)
    raw = table.frame.reset_index(drop=True)
    for row, reason in table.faults.items():
        ledger.add_row(ledger.position(row), "", "", reason)
    frame = pd.DataFrame({name: raw[name].str.strip() if name in raw else "" for name in TOLL_COLUMNS}, index=raw.index)
    for name in ("period_start", "period_end"):
        frame[name] = parse_dates(raw[name], name, ledger)
    reversed_ = frame["period_end"] < frame["period_start"]
    ledger.add(reversed_, "period_end", raw["period_end"], "the period ends before it starts (reversed)")
    frame["published_date"] = parse_dates(frame["published_date"], "published_date", ledger, optional=True)
    frame["value"] = parse_counts(raw["value"], "value", ledger)
    # Where cells are missing a number may stand under the wrong column.
    frame["value"] = frame["value"].mask(table.frame.index.isin(list(table.faults)))
    for name in COUNTS:
        frame[name] = parse_counts(frame[name], name, ledger, optional=True)
    repeated = frame["row_id"].duplicated(keep="first")
    ledger.add(repeated, "row_id", frame["row_id"], "the row_id is used by an earlier row (duplicate id)")
    rejected = ledger.frame(frame["row_id"], frame[["value"]].rename(columns={"value": "best"}))
    if not ledger.good.any():
        raise nothing_usable(rejected, file.name)
    return Tolls(frame[ledger.good].reset_index(drop=True), rejected, record)
