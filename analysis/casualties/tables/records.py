"""What was read: sources, oddities, the ledger, and where every death went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from casualties.events import Events
from casualties.feeds import Feed
from casualties.provenance import SourceRecord
from casualties.results import register_table
from casualties.series import DailySeries
from casualties.tables.printing import NOT_STATED, headings, span, stub

__all__ = ["FLAGS", "accounts_table", "flags_table", "ledger_table", "records_table"]

FLAGS = {
    "several-days": "lasts more than a day",
    "no-adm1": "no governorate given",
    "lookalike": "equal to another row in every column of the table but the id",
    "best>high": "best estimate above the high one",
    "low>best": "low estimate above the best one",
    "sum!=best": "the four deaths columns do not add up to the best estimate",
    "document-date": "the first document has an impossible year (before 1900 or after 2100)",
    "two-reports": "two reports for the day; one of them is used",
    "parts>total": "a named part exceeds the total",
    "date-from-events": "the report has no usable date; the day of the events that cite it is used",
    "no-usable-document": "no document dated on or after the event; taken as known from its last day",
    "document-before-event": "the first document is dated before the event",
    "not-clear": "the provider has not cleared the event",
    "part-unread": "a named part cannot be read and is not known",
    "place-ambiguous": "the name of the area fits several of the gazetteer; left as given",
    "place-unmatched": "the gazetteer does not know the name of the area; left as given",
    "incident-split": "persons of one incident who differ in days, place or sides; several events",
    "same-relid": "another event of another id bears the same relid; both are counted",
    "row-id": "no id in the list; the row's number stands for it",
    "id-repeated": "persons who differ in what was not read share one id; all are counted",
    "actor-type": "an actor of a type that the codebook does not name",
    "no-report": "a report of no hours: nothing was reported",
    "no-count": "a report that states no count",
    "period-assumed": "the report does not state its hours; a day is assumed",
    "period-overlaps": "the hours of the report reach over an earlier report",
    "revised-total": "the running total fell below the one before",
    "total-reset": "the running total starts anew",
    "counts-differ": "the stated count differs from the rise of the running total",
    "mainly-backlog": "more than half are additions of older deaths, by the feed's own figures",
    "suspected-backlog": "suspected to be additions of older deaths; the feed does not say",
}


def records_table(records: Mapping[str, SourceRecord]) -> pd.DataFrame:
    """Tabulate the sources: what each is, what it counts, which days it covers, under which licence."""
    rows = [
        {
            "Source": record.name,
            "Provider": record.provider or NOT_STATED,
            "Counts": record.scope or NOT_STATED,
            "Covers": span(record.coverage_start, record.coverage_end),
            "Licence": record.licence or NOT_STATED,
        }
        for record in records.values()
    ]
    return stub(pd.DataFrame(rows))


def flags_table(source: Events | Feed, *, without: Sequence[str] = ()) -> pd.DataFrame:
    """Tabulate what is odd about accepted rows, kept as given and counted; some flags can be left out."""
    frame = source.accepted if isinstance(source, Events) else source.frame
    flags = frame["flags"].str.split(";").explode()
    counts = flags[~flags.isin(["", *without])].value_counts()
    table = pd.DataFrame(
        {
            "Kept and counted": [FLAGS.get(str(flag), str(flag)) for flag in counts.index],
            "Rows": [f"{count:,}" for count in counts],
        }
    )
    return stub(table)


def ledger_table(source: Events | Feed) -> pd.DataFrame:
    """Tabulate the ledger by reason: rows left out and the deaths in them."""
    rejected = source.rejected
    reasons = rejected["reason"].str.replace(r"; row \d+ stands: ", "; the other one stands: ", regex=True)
    grouped = rejected.groupby(reasons, sort=True)["best"]
    deaths = grouped.sum(min_count=1)
    table = pd.DataFrame(
        {
            "Rows": [f"{count:,}" for count in grouped.size()],
            "Deaths in them": ["–" if pd.isna(count) else f"{count:,}" for count in deaths],
        },
        index=deaths.index,
    )
    return table.rename_axis("Not used, and why")


@register_table(DailySeries)
def accounts_table(series: DailySeries) -> pd.DataFrame:
    """Tabulate where every death of the source went."""
    accounts = series.accounts
    shown = accounts[(accounts.fillna(0) != 0).any(axis=1)]
    table = pd.DataFrame({"Where the deaths went": [*shown.index, "all that the source holds"]})
    columns = [name for name in ("low", "best", "high") if accounts[name].notna().all()]
    for name, heading in headings(columns).items():
        table[heading] = [f"{value:,.0f}" for value in (*shown[name], accounts[name].sum())]
    return stub(table)
