"""Results as the tables that a report prints: words and rounded figures, nothing computed."""

from casualties.tables.changepoints import changes_table, partition_table, prior_table, priors_table, variants_table
from casualties.tables.imprecision import imprecision_table
from casualties.tables.pairs import agreement_table, coverage_table, pair_table
from casualties.tables.records import accounts_table, flags_table, ledger_table, records_table
from casualties.tables.tolls import incomparable_table, tolls_table, verdicts_table
from casualties.tables.totals import breakdown_table, event_totals_table, periods_table
from casualties.tables.trend import trend_table, trends_table, weekdays_table

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
