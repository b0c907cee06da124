"""Published totals: what a claimant said was the toll of a period, with its scope."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from casualties.provenance import SourceRecord

__all__ = ["TOLL_COLUMNS", "Tolls"]

TOLL_COLUMNS = (
    *("row_id", "claimant", "published_by", "published_date", "period_start", "period_end", "area", "who"),
    *("attributed_to", "value", "qualifier", "children", "women", "men", "injured", "civilians_of_value", "kind"),
    *("url_or_ref", "note"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Tolls:
    """Published totals and the ledger of rows that could not be used.

    Parameters
    ----------
    frame : DataFrame
        One row a figure: ``row_id, claimant`` (who counted), ``published_by, published_date, period_start,
        period_end`` (datetime64, inclusive), ``area, who, attributed_to`` (as stated), ``value`` (people),
        ``qualifier, children, women, men, injured, civilians_of_value, kind, url_or_ref, note``.
    rejected : DataFrame
        ``row, column, value, reason`` of each row left out.
    record : SourceRecord
        Where the table comes from.
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    record: SourceRecord

    @property
    def faults(self) -> pd.DataFrame:
        """The rows of the ledger that could not be used: all of them."""
        return self.rejected

    def __repr__(self) -> str:
        return f"<Tolls {self.record.name}: {len(self.frame)} figures, {len(self.rejected)} rejected>"
