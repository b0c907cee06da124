"""Daily records of people killed, turned into statements that can be defended."""

import casualties.figures as figures
import casualties.tables as tables
from casualties.cache import Cache, default_cache
from casualties.calibration.answer import CalibrationResult
from casualties.calibration.likeness import calibrate_like, scenario_like
from casualties.claims.check import check_claims
from casualties.claims.result import ClaimsResult
from casualties.comparison.agreement import PairResult, compare_pair
from casualties.comparison.capture_cells import citation_cells
from casualties.comparison.capture_recapture import UndocumentedResult, estimate_undocumented
from casualties.comparison.coverage import coverage_overlap, share_citing, source_coverage
from casualties.comparison.coverage_bias import CoverageBiasResult, coverage_bias
from casualties.comparison.dependence import DependenceResult, source_dependence
from casualties.comparison.effective_number import EffectiveNumber, independent_sources
from casualties.comparison.incident import IncidentResult, compare_incident
from casualties.comparison.latent_view import LatentViewResult, latent_view
from casualties.comparison.matching import MatchResult, match_events
from casualties.comparison.published import TollsResult, compare_tolls
from casualties.comparison.review import Decisions, read_decisions
from casualties.comparison.toll_tempo import TollTempo, toll_tempo
from casualties.comparison.toll_timeline import TollTimeline, toll_timeline
from casualties.errors import CasualtiesError, ConservationError, InputError, ReportError, UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.events import Events, place_mask
from casualties.feeds import Feed
from casualties.figures import use_style
from casualties.models.alarms import AlarmResult, fit_alarms
from casualties.models.changepoints import ChangepointResult, compare_priors, fit_changepoints
from casualties.models.crosschecks import CrossChecks, cross_check
from casualties.models.excess import ExcessResult, ReferencesResult, compare_references, fit_excess
from casualties.models.excitation import ExcitationResult, fit_excitation
from casualties.models.forecast import ForecastResult, ForecastScore, fit_forecast, score_forecast
from casualties.models.imprecision import Imprecision
from casualties.models.nowcast import NowcastResult, fit_nowcast
from casualties.models.nowcast_scores import NowcastScores, score_nowcast
from casualties.models.rolling_trend import RollingTrendResult, rolling_trend
from casualties.models.sensitivity import Sensitivity, compare_seeds, vary
from casualties.models.track_record import TrackRecord, track_record
from casualties.models.trend import TrendPriorsResult, TrendResult, compare_trend_priors, fit_trend
from casualties.places import folded_spellings
from casualties.provenance import SourceRecord
from casualties.series import DailySeries, daily_series, daily_series_by
from casualties.simulate.wars import SCENARIOS, Delays, Scenario, Step, simulate_triangle, simulate_war
from casualties.sources.acled import heaping, read_acled
from casualties.sources.claims import read_claims
from casualties.sources.feed import read_feed
from casualties.sources.lists.mapped import read_mapped
from casualties.sources.reconcile import reconcile
from casualties.sources.tolls import read_tolls
from casualties.sources.ucdp import read_ucdp_ged
from casualties.study import Study, bundled, load_study
from casualties.tolls import Tolls, toll_increments
from casualties.totals import breakdown, event_totals, period_totals
from casualties.verdict.assess import assess
from casualties.verdict.curve import SpecificationCurve
from casualties.verdict.replay import Replay, replay_verdicts
from casualties.verdict.result import Verdict
from casualties.vintages import VintageStore, compare_vintages, reporting_triangle

__version__ = "0.1.0"
__all__ = [
    "SCENARIOS",
    "AlarmResult",
    "Cache",
    "CalibrationResult",
    "CasualtiesError",
    "ChangepointResult",
    "ClaimsResult",
    "ConservationError",
    "CoverageBiasResult",
    "CrossChecks",
    "DailySeries",
    "Decisions",
    "Delays",
    "DependenceResult",
    "EffectiveNumber",
    "Estimate",
    "Events",
    "ExcessResult",
    "ExcitationResult",
    "Feed",
    "ForecastResult",
    "ForecastScore",
    "Imprecision",
    "IncidentResult",
    "InputError",
    "LatentViewResult",
    "MatchResult",
    "NotEstimable",
    "NowcastResult",
    "NowcastScores",
    "PairResult",
    "ReferencesResult",
    "Replay",
    "ReportError",
    "RollingTrendResult",
    "Scenario",
    "Sensitivity",
    "SourceRecord",
    "SpecificationCurve",
    "Step",
    "Study",
    "TollTempo",
    "TollTimeline",
    "Tolls",
    "TollsResult",
    "TrackRecord",
    "TrendPriorsResult",
    "TrendResult",
    "UndocumentedResult",
    "UnknownNameError",
    "Verdict",
    "VintageStore",
    "assess",
    "breakdown",
    "bundled",
    "calibrate_like",
    "check_claims",
    "citation_cells",
    "compare_incident",
    "compare_pair",
    "compare_priors",
    "compare_references",
    "compare_seeds",
    "compare_tolls",
    "compare_trend_priors",
    "compare_vintages",
    "coverage_bias",
    "coverage_overlap",
    "cross_check",
    "daily_series",
    "daily_series_by",
    "default_cache",
    "estimate_undocumented",
    "event_totals",
    "figures",
    "fit_alarms",
    "fit_changepoints",
    "fit_excess",
    "fit_excitation",
    "fit_forecast",
    "fit_nowcast",
    "fit_trend",
    "folded_spellings",
    "heaping",
    "independent_sources",
    "latent_view",
    "load_study",
    "match_events",
    "period_totals",
    "place_mask",
    "read_acled",
    "read_claims",
    "read_decisions",
    "read_feed",
    "read_mapped",
    "read_tolls",
    "read_ucdp_ged",
    "reconcile",
    "replay_verdicts",
    "reporting_triangle",
    "rolling_trend",
    "scenario_like",
    "score_forecast",
    "score_nowcast",
    "share_citing",
    "simulate_triangle",
    "simulate_war",
    "source_coverage",
    "source_dependence",
    "tables",
    "toll_increments",
    "toll_tempo",
    "toll_timeline",
    "track_record",
    "use_style",
    "vary",
]
