"""Results as the tables that a report prints: words and rounded figures, nothing computed."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from casualties.comparison.agreement import Limits, PairResult
from casualties.comparison.coverage import CoverageResult
from casualties.comparison.published import OBSTACLES, TollsResult
from casualties.estimates import Estimate, NotEstimable
from casualties.events import Events
from casualties.feeds import Feed
from casualties.models.changepoints import ChangepointResult, PriorSensitivity
from casualties.models.trend import TrendResult
from casualties.provenance import SourceRecord
from casualties.results import register_table
from casualties.series import DailySeries
from casualties.totals import Breakdown, EventTotals, PeriodTotals

__all__ = [
    "accounts_table",
    "agreement_table",
    "breakdown_table",
    "changes_table",
    "coverage_table",
    "event_totals_table",
    "flags_table",
    "imprecision_table",
    "incomparable_table",
    "ledger_table",
    "pair_table",
    "partition_table",
    "periods_table",
    "prior_table",
    "priors_table",
    "records_table",
    "tolls_table",
    "trend_table",
    "trends_table",
    "variants_table",
    "verdicts_table",
    "weekdays_table",
]

Row = dict[Hashable, Any]
NOT_STATED = "not stated"
# Short names for the areas of published totals, whose full words fill a column.
AREAS = {"northwest Syria": "north-west", "Ma'arrat al-Nu'man": "Maarat al-Numan", "Idlib governorate": "Idlib"}
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
            "Covers": _span(record.coverage_start, record.coverage_end),
            "Licence": record.licence or NOT_STATED,
        }
        for record in records.values()
    ]
    return _stub(pd.DataFrame(rows))


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
    return _stub(table)


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
    for name, heading in _headings(columns).items():
        table[heading] = [f"{value:,.0f}" for value in (*shown[name], accounts[name].sum())]
    return _stub(table)


@register_table(EventTotals)
def event_totals_table(
    result: EventTotals, *, heading: str = "Category", names: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Tabulate events and deaths by category, with the total below; what the source does not give has no column."""
    frame = result.frame
    counts = [name for name in ("events", "low", "best", "high", "civilians") if frame[name].notna().any()]
    table = pd.DataFrame({heading: [(names or {}).get(str(name), str(name)) for name in frame.index]})
    headings = _headings(counts)
    for name in counts:
        table[headings[name]] = [_whole(value) for value in frame[name]]
    table[f"Share of {headings['best'].lower()}"] = [f"{value:.1%}" for value in frame["share"]]
    total = [_whole(frame[name].sum() if frame[name].notna().all() else pd.NA) for name in counts]
    table.loc[len(table)] = ["all", *total, f"{frame['share'].sum():.0%}"]
    return _stub(table)


@register_table(PeriodTotals)
def periods_table(
    result: PeriodTotals, *, parts: Mapping[str, PeriodTotals] | None = None, beside: Sequence[Breakdown] = ()
) -> pd.DataFrame:
    """Tabulate totals by period: low and high where there are such, deaths without an exact day where there are any.

    Parameters
    ----------
    result : PeriodTotals
        The totals.
    parts : mapping of str to PeriodTotals, optional
        Totals of a part of the same deaths, by the heading of their column.
    beside : sequence of Breakdown, optional
        Breakdowns over the same periods, whose categories stand beside the totals.
    """
    frame = result.frame
    columns = _headings([name for name in ("low", "best", "high") if name == "best" or frame[name].notna().any()])
    if frame["imprecise"].fillna(0).any():
        columns["imprecise"] = "Day not exact"
    table = pd.DataFrame(
        {
            "From": [f"{day:%Y-%m-%d}" for day in frame.index],
            "Days": frame["days_observed"].to_list(),
            **{heading: [_whole(value) for value in frame[name]] for name, heading in columns.items()},
        }
    )
    for heading, part in (parts or {}).items():
        table[heading] = [_whole(value) for value in part.frame["best"].reindex(frame.index)]
    for breakdown in beside:
        for name in breakdown.frame.columns.drop("all"):
            table[str(name).capitalize()] = [_whole(value) for value in breakdown.frame[name].reindex(frame.index)]
    return _stub(table)


@register_table(Breakdown)
def breakdown_table(result: Breakdown, *, names: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Tabulate a breakdown: one row a period, one column a category."""
    frame = result.frame
    table = pd.DataFrame({"From": [f"{day:%Y-%m-%d}" for day in frame.index]})
    for name in frame.columns:
        table[(names or {}).get(str(name), str(name))] = [_whole(value) for value in frame[name]]
    return _stub(table)


@register_table(ChangepointResult)
def changes_table(result: ChangepointResult) -> pd.DataFrame:
    """Tabulate every change found: date, date set, rates, ratio, probability."""
    level = result.basis.settings.get("level", 0.95)
    rows = [
        {
            "Change": f"{row['date']:%Y-%m-%d}",
            "Date set": f"{row['date_low']:%Y-%m-%d} to {row['date_high']:%Y-%m-%d}",
            "Before": f"{row['rate_before']:.1f}",
            "After": f"{row['rate_after']:.1f}",
            "Ratio": _round(row["ratio"]),
            f"{level:.0%} posterior interval": f"{_round(row['ratio_low'])}–{_round(row['ratio_high'])}",
            "P(in the set)": _probability(row["probability"]),
        }
        for row in result.changes.to_dict("records")
    ]
    columns = ["Change", "Date set", "Before", "After", "Ratio", f"{level:.0%} posterior interval", "P(in the set)"]
    return _stub(pd.DataFrame(rows, columns=columns))


def partition_table(results: Mapping[str, ChangepointResult]) -> pd.DataFrame:
    """Tabulate the cuts of the negative-binomial partitions that stand beside each change-point fit."""
    rows = []
    for label, result in results.items():
        for name, cuts in (("size 1", result.partition), ("size fitted", result.partition_profiled)):
            dates = ", ".join(f"{day:%Y-%m-%d}" for day in cuts["date"])
            rows.append({"Series": label, "Partition": name, "Cuts before": dates or "none"})
    return _stub(pd.DataFrame(rows))


def variants_table(results: Mapping[str, Mapping[str, ChangepointResult]], heading: str) -> pd.DataFrame:
    """Tabulate the changes found under other choices: one row a series and choice, each change with set and ratio."""
    rows = [
        {"Series": label, heading: choice, "Changes found: date set (ratio)": _changes_found(result.changes, sets=True)}
        for label, choices in results.items()
        for choice, result in choices.items()
    ]
    return _stub(pd.DataFrame(rows))


def priors_table(results: Mapping[str, PriorSensitivity]) -> pd.DataFrame:
    """Tabulate what the expected number of changes does to the answer: one row an expectation."""
    rows = [
        {
            "Series": label,
            "Expected before": f"{prior:g}",
            "after": "–" if pd.isna(group["number"].iloc[0]) else f"{group['number'].iloc[0]:.1f}",
            "Changes found: most probable day (ratio)": _changes_found(group.dropna(subset=["date"])),
        }
        for label, result in results.items()
        for prior, group in result.to_frame().groupby("prior_changes", sort=True)
    ]
    return _stub(pd.DataFrame(rows))


@register_table(PriorSensitivity)
def prior_table(result: PriorSensitivity) -> pd.DataFrame:
    """Tabulate one series' sensitivity to the prior."""
    return priors_table({result.basis.label: result})


@register_table(TrendResult)
def trend_table(result: TrendResult) -> pd.DataFrame:
    """Tabulate one trend."""
    return trends_table({result.basis.label: result})


def trends_table(
    results: Mapping[str, TrendResult], changes: Mapping[str, ChangepointResult] | None = None
) -> pd.DataFrame:
    """Tabulate trends side by side: growth, doubling or halving time, Φ(z), dispersion, autocorrelation.

    Parameters
    ----------
    results : mapping of str to TrendResult
        By the words for series and window.
    changes : mapping of str to ChangepointResult, optional
        By the same words: the change points of the whole series. A column then counts those inside the window, whose
        jump the growth describes.
    """
    rows = []
    for label, result in results.items():
        time = result.doubling_time
        row = {"Series and window": label}
        if changes is not None:
            row["Changes inside"] = str(_changes_inside(changes[label], result))
        row |= {
            "Growth a day": _full(result.growth, 3),
            "Doubles (+) or halves (−) in days": (
                ("−" if "halve" in time.unit else "+") + _full(time, 0) if isinstance(time, Estimate) else "–"
            ),
            "Φ(z)": _probability(result.p_rising.value) if isinstance(result.p_rising, Estimate) else "–",
            "Dispersion α": _full(result.dispersion, 2, interval=False),
            "Autocorrelation": _full(result.autocorrelation, 2) + ("*" if _dependent(result) else ""),
        }
        rows.append(row)
    return _stub(pd.DataFrame(rows))


def imprecision_table(
    changes: tuple[ChangepointResult, ChangepointResult],
    trends: Mapping[str, tuple[TrendResult, TrendResult]],
    *,
    turns: Mapping[str, tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Set answers of a series as recorded beside those pooled over draws of what the source leaves open.

    Parameters
    ----------
    changes : (ChangepointResult, ChangepointResult)
        The fit of the series as recorded, and the pooled one.
    trends : mapping of str to (TrendResult, TrendResult)
        The same of trends, by the words for their windows.
    turns : mapping of str to (str, str), optional
        First and last day of the windows whose changes are shown, by their words; every change found where none are
        given.

    Returns
    -------
    DataFrame
        Two rows a change (its date set and its ratio), one a trend. The last column is the share of the variance that
        is due to what the source leaves open; a date set has none.
    """
    recorded, pooled = changes
    rows = []
    for label, before, after in _changes_beside(recorded, pooled, turns):
        shares = _from_data(pooled)
        share = math.nan if after is None else shares.get(f"ratio, change of {after['date']:%Y-%m-%d}", math.nan)
        for what, write, part in (("date set", _date_set, math.nan), ("ratio", _ratio_interval, share)):
            words = ["none found" if change is None else write(change) for change in (before, after)]
            rows.append((f"{label}: {what}", *words, part))
    for label, (plain, drawn) in trends.items():
        part = _from_data(drawn).get("growth", math.nan)
        rows.append((f"growth a day, {label}", _full(plain.growth, 4), _full(drawn.growth, 4), part))
    number = pooled.imprecision.draws if pooled.imprecision else 0
    table = pd.DataFrame(rows, columns=["Answer", "As recorded", f"Pooled over {number} draws", "From the data"])
    table["From the data"] = ["–" if pd.isna(part) else _percent(part) for part in table["From the data"]]
    return _stub(table)


def weekdays_table(results: Mapping[str, TrendResult]) -> pd.DataFrame:
    """Tabulate each weekday against the mean weekday, of the trends that have weekday effects."""
    columns = {
        label: {
            row["weekday"]: f"{row['ratio']:.2f} ({row['low']:.2f}–{row['high']:.2f})"
            for row in result.weekday.to_dict("records")
        }
        for label, result in results.items()
        if len(result.weekday)
    }
    return pd.DataFrame(columns).rename_axis("Weekday")


def agreement_table(results: Mapping[str, PairResult]) -> pd.DataFrame:
    """Tabulate comparisons of two series side by side, one column each."""
    columns = {}
    for label, result in results.items():
        totals, limits = result.totals, result.limits
        columns[label] = {
            "Days shared": f"{totals.days_shared:,}",
            f"Deaths, {result.names[0]}": f"{totals.shared_a:,.0f}",
            f"Deaths, {result.names[1]}": f"{totals.shared_b:,.0f}",
            "Ratio, quasi-binomial": _full(result.ratio, 2),
            "Ratio, score interval": _full(result.ratio_score, 2),
            "Dispersion of the daily split": _full(result.dispersion, 2, interval=False),
            "Pearson correlation": _full(result.pearson, 2),
            "Spearman correlation": _full(result.spearman, 2),
            "Lin's concordance": _full(result.concordance, 2),
            "Limits of agreement, as ratios of 1 + deaths": (
                f"{_round(math.exp(limits.low))} to {_round(math.exp(limits.high))}"
                if isinstance(limits, Limits)
                else "–"
            ),
            "Weekly steps in the same direction": _full(result.direction, 2),
            "Lag in days": f"{result.lag}",
        }
    return pd.DataFrame(columns).rename_axis("Measure")


@register_table(PairResult)
def pair_table(result: PairResult) -> pd.DataFrame:
    """Tabulate one comparison of two series."""
    return agreement_table({f"{result.names[0]} / {result.names[1]}": result})


@register_table(CoverageResult)
def coverage_table(result: CoverageResult, *, most: int = 6) -> pd.DataFrame:
    """Tabulate the events that each source is cited for: the most cited sources down, periods or places across."""
    wide = result.counts.pivot_table(
        index="source", columns=result.counts.columns[1], values="events", aggfunc="sum", fill_value=0, sort=False
    )
    periods = sorted(wide.columns)
    totals = wide.sum(axis=1).sort_values(ascending=False, kind="stable").head(most + 1)
    table = pd.DataFrame({"Cited": totals.index})
    for period in periods:
        name = _period(period)
        table[name] = [f"{int(wide.loc[source, period]):,}" for source in totals.index]
    table["All"] = [f"{int(value):,}" for value in totals]
    return _stub(table)


def verdicts_table(result: TollsResult) -> pd.DataFrame:
    """Tabulate the verdicts on published totals, those not comparable by what stands in the way."""
    totals = result.totals
    counts = totals.groupby(["verdict", "obstacle"]).size().sort_values(ascending=False, kind="stable")
    words = [
        f"{verdict}: {obstacle} ({OBSTACLES[str(obstacle)]})" if obstacle else str(verdict)
        for verdict, obstacle in counts.index
    ]
    return _stub(pd.DataFrame({"Verdict on the published figure": words, "Figures": counts.to_list()}))


@register_table(TollsResult)
def tolls_table(result: TollsResult) -> pd.DataFrame:
    """Tabulate every published total that can be compared, by claimant and period."""
    rows = [
        {
            **_scope(row),
            "Recorded": f"{row['recorded']:,}",
            "Range": f"{row['recorded_low']:,}–{row['recorded_high']:,}",
            "Citing": "–" if pd.isna(row["share_citing"]) else f"{row['share_citing']:.0%}",
            "Verdict": row["verdict"],
        }
        for row in _ordered(result.totals[result.totals["verdict"] != "not comparable"])
    ]
    return _stub(pd.DataFrame(rows))


def incomparable_table(result: TollsResult) -> pd.DataFrame:
    """Tabulate every published total that cannot be compared, by what stands in the way, with the rest of the reason.

    `verdicts_table` spells out the obstacles.
    """
    left = _ordered(result.totals[result.totals["verdict"] == "not comparable"])
    rows = []
    for row in sorted(left, key=lambda row: str(row["obstacle"])):
        scope, obstacle = _scope(row), str(row["obstacle"])
        rows.append(
            {
                "Obstacle": obstacle,
                "Figure": f"{scope['Claimant']}, {scope['Who']}, {scope['Area']}, {scope['Period']}",
                "Published": scope["Published"],
                "Why it cannot be compared": str(row["reason"]).removeprefix(f"{OBSTACLES[obstacle]}: "),
            }
        )
    return _stub(pd.DataFrame(rows))


def _ordered(totals: pd.DataFrame) -> list[Row]:
    """Order published totals by claimant, victims as printed, period and figure."""
    order = totals.assign(name=totals["claimant"].str.casefold(), victims=totals["who"].map(_victims))
    order = order.sort_values(["name", "victims", "period_start", "period_end", "value"], kind="stable")
    return order.to_dict("records")


def _scope(row: Row) -> dict[str, str]:
    """Name a published total: who counted whom, where, when, and the figure."""
    start, end = (f"{row[name]:%Y-%m-%d}" for name in ("period_start", "period_end"))
    return {
        "Claimant": str(row["claimant"]),
        "Period": start if start == end else f"{start} to {end}",
        "Area": AREAS.get(str(row["area"]).split(" (")[0].split(",")[0], str(row["area"])),
        "Who": _victims(row["who"]),
        "Published": f"{row['qualifier']} {_whole(row['value'])}".strip(),
    }


def _victims(who: object) -> str:
    return str(who).split(" (")[0]


def _changes_found(changes: pd.DataFrame, *, sets: bool = False) -> str:
    """Write changes in a line: their most probable days, or their date sets, with the ratios."""
    words = [
        (_days(row["date_low"], row["date_high"]) if sets else f"{row['date']:%Y-%m-%d}")
        + f" (×{_round(row['ratio'])})"
        for row in changes.to_dict("records")
    ]
    return "; ".join(words) or "none"


def _changes_beside(
    recorded: ChangepointResult, pooled: ChangepointResult, turns: Mapping[str, tuple[str, str]] | None
) -> list[tuple[str, Row | None, Row | None]]:
    """Pair the changes of two fits: those of a turn, or those whose date sets share a day."""
    if turns:
        return [(label, _change_in(recorded, *days), _change_in(pooled, *days)) for label, days in turns.items()]
    found = [
        (f"change of {row['date']:%Y-%m-%d}", _change_in(recorded, row["date_low"], row["date_high"]), row)
        for row in pooled.changes.to_dict("records")
    ]
    lost = [
        (f"change of {row['date']:%Y-%m-%d}", row, None)
        for row in recorded.changes.to_dict("records")
        if _change_in(pooled, row["date_low"], row["date_high"]) is None
    ]
    return [*found, *lost]


def _change_in(result: ChangepointResult, start: str | pd.Timestamp, end: str | pd.Timestamp) -> Row | None:
    """Give the most probable change whose date set meets some days."""
    changes = result.changes
    met = changes[(changes["date_low"] <= pd.Timestamp(end)) & (changes["date_high"] >= pd.Timestamp(start))]
    if met.empty:
        return None
    return met.sort_values("probability", ascending=False, kind="stable").to_dict("records")[0]


def _from_data(result: ChangepointResult | TrendResult) -> dict[str, float]:
    """Give the share of the variance that the data's imprecision has in each answer."""
    if result.imprecision is None:
        return {}
    table = result.imprecision.table
    return dict(zip(table["quantity"], table["from_data"], strict=True))


def _date_set(change: Row) -> str:
    return f"{_days(change['date_low'], change['date_high'])}"


def _ratio_interval(change: Row) -> str:
    return f"{_round(change['ratio'])} ({_round(change['ratio_low'])}–{_round(change['ratio_high'])})"


def _percent(share: float) -> str:
    """Write a share in whole per cent; none that is there is printed as nought."""
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def _days(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Write a run of days shortly: what both ends share is written once."""
    if first == last:
        return f"{last.day} {last:%b %Y}"
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{last.day} {last:%b %Y}"
    start = f"{first.day} {first:%b}" if first.year == last.year else f"{first.day} {first:%b %Y}"
    return f"{start} – {last.day} {last:%b %Y}"


def _changes_inside(changes: ChangepointResult, trend: TrendResult) -> int:
    """Count the changes of a series that begin inside a trend's window, its first day left out."""
    dates = changes.changes["date"]
    first, last = pd.Timestamp(trend.basis.start), pd.Timestamp(trend.basis.end)
    return int(((dates > first) & (dates <= last)).sum())


def _dependent(result: TrendResult) -> bool:
    """Tell whether the residuals of a trend correlate from one day to the next."""
    found = result.autocorrelation
    return isinstance(found, Estimate) and (found.low > 0 or found.high < 0)


def _headings(columns: Sequence[str]) -> dict[str, str]:
    """Give counts their headings; a best figure without a low or a high beside it is the only one."""
    only = {} if {"low", "high"} & set(columns) else {"best": "Recorded deaths"}
    return {name: only.get(name, name.capitalize()) for name in columns}


def _stub(table: pd.DataFrame) -> pd.DataFrame:
    """Make the first column the row's heading, so that no running number is printed."""
    return table.set_index(table.columns[0]) if len(table.columns) else table


def _full(answer: Estimate | NotEstimable, digits: int, *, interval: bool = True) -> str:
    """Write a number with its interval, or a dash where it is not estimable."""
    if isinstance(answer, NotEstimable):
        return "–"
    value = _signed(answer.value, digits)
    if not interval or not answer.has_interval:
        return value
    return f"{value} ({_signed(answer.low, digits)} to {_signed(answer.high, digits)})"


def _signed(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def _round(value: float) -> str:
    """Write a ratio with two significant digits below ten."""
    if math.isnan(value):
        return "–"
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 10 else f"{value:.0f}"


def _probability(value: float) -> str:
    """Write a probability; none is printed as certain."""
    return ">0.99" if value > 0.99 else "<0.01" if value < 0.01 else f"{value:.2f}"


def _whole(value: object) -> str:
    """Write a count of people; fractions of expected series are rounded."""
    return "–" if value is pd.NA or value is None else f"{float(str(value)):,.0f}"


def _period(period: object) -> str:
    return f"{period:%b %Y}" if isinstance(period, pd.Timestamp) else str(period)


def _span(start: str, end: str) -> str:
    return f"{start} to {end}" if start else "–"
