"""Results as the tables that a report prints: words and rounded figures, nothing computed."""

from casualties.tables.alarms import alarm_days_table, alarms_table, lasting_rises_table
from casualties.tables.calibration import calibration_table, intervals_table, rates_table
from casualties.tables.changepoints import changes_table, partition_table, prior_table, priors_table, variants_table
from casualties.tables.claims import (
    candidates_table,
    claim_answers_table,
    claim_checks_table,
    claim_readings_table,
    claim_rules_table,
    fact_check_table,
    inconsistencies_table,
    untestable_claims_table,
)
from casualties.tables.coverage import coverage_bias_table, coverage_slopes_table
from casualties.tables.crosschecks import crosschecks_table, sensitivity_table
from casualties.tables.dependence import dependence_table, independence_table, shared_events_table
from casualties.tables.excess import excess_table, excesses_table, references_table, variances_table
from casualties.tables.excitation import excitation_table, excitations_table
from casualties.tables.forecast import forecast_scores_table, forecast_table, forecasts_table, track_record_table
from casualties.tables.imprecision import imprecision_table
from casualties.tables.latent_view import coverage_drift_table, latent_view_table, latent_views_table
from casualties.tables.matching import agreement_levels_table, match_table
from casualties.tables.nowcast import nowcast_scores_table, nowcast_table
from casualties.tables.pairs import (
    agreement_table,
    coverage_table,
    disagreement_table,
    lags_table,
    pair_changes_table,
    pair_table,
    ratio_course_table,
)
from casualties.tables.records import accounts_table, flags_table, ledger_table, records_table
from casualties.tables.tolls import (
    incident_table,
    incomparable_table,
    tempo_table,
    timeline_explanations_table,
    timeline_table,
    tolls_table,
    verdicts_table,
)
from casualties.tables.totals import breakdown_table, event_totals_table, periods_table
from casualties.tables.trend import (
    rolling_trend_table,
    trend_priors_table,
    trend_table,
    trends_table,
    weekdays_table,
)
from casualties.tables.undocumented import capture_models_table, refusals_table, undocumented_table
from casualties.tables.verdict import (
    differing_table,
    influence_table,
    options_table,
    overturners_table,
    replay_table,
    sources_verdict_table,
    support_table,
)

__all__ = [
    "accounts_table",
    "agreement_levels_table",
    "agreement_table",
    "alarm_days_table",
    "alarms_table",
    "breakdown_table",
    "calibration_table",
    "candidates_table",
    "capture_models_table",
    "changes_table",
    "claim_answers_table",
    "claim_checks_table",
    "claim_readings_table",
    "claim_rules_table",
    "coverage_bias_table",
    "coverage_drift_table",
    "coverage_slopes_table",
    "coverage_table",
    "crosschecks_table",
    "dependence_table",
    "differing_table",
    "disagreement_table",
    "event_totals_table",
    "excess_table",
    "excesses_table",
    "excitation_table",
    "excitations_table",
    "fact_check_table",
    "flags_table",
    "forecast_scores_table",
    "forecast_table",
    "forecasts_table",
    "imprecision_table",
    "incident_table",
    "incomparable_table",
    "inconsistencies_table",
    "independence_table",
    "influence_table",
    "intervals_table",
    "lags_table",
    "lasting_rises_table",
    "latent_view_table",
    "latent_views_table",
    "ledger_table",
    "match_table",
    "nowcast_scores_table",
    "nowcast_table",
    "options_table",
    "overturners_table",
    "pair_changes_table",
    "pair_table",
    "partition_table",
    "periods_table",
    "prior_table",
    "priors_table",
    "rates_table",
    "ratio_course_table",
    "records_table",
    "references_table",
    "refusals_table",
    "replay_table",
    "rolling_trend_table",
    "sensitivity_table",
    "shared_events_table",
    "sources_verdict_table",
    "support_table",
    "tempo_table",
    "timeline_explanations_table",
    "timeline_table",
    "tolls_table",
    "track_record_table",
    "trend_priors_table",
    "trend_table",
    "trends_table",
    "undocumented_table",
    "untestable_claims_table",
    "variances_table",
    "variants_table",
    "verdicts_table",
    "weekdays_table",
]
