"""Daily records of people killed, turned into statements that can be defended."""

import casualties.figures as figures
import casualties.tables as tables
from casualties.comparison.agreement import PairResult, compare_pair
from casualties.comparison.coverage import coverage_overlap, share_citing, source_coverage
from casualties.comparison.published import TollsResult, compare_tolls
from casualties.errors import CasualtiesError, ConservationError, InputError, ReportError, UnknownNameError
from casualties.estimates import Estimate, NotEstimable
from casualties.events import Events, place_mask
from casualties.feeds import Feed
from casualties.figures import use_style
from casualties.models.changepoints import ChangepointResult, compare_priors, fit_changepoints
from casualties.models.imprecision import Imprecision
from casualties.models.trend import TrendResult, fit_trend
from casualties.places import folded_spellings
from casualties.provenance import SourceRecord
from casualties.series import DailySeries, daily_series, daily_series_by
from casualties.sources.acled import heaping, read_acled
from casualties.sources.feed import read_feed
from casualties.sources.lists.mapped import read_mapped
from casualties.sources.reconcile import reconcile
from casualties.sources.tolls import read_tolls
from casualties.sources.ucdp import read_ucdp_ged
from casualties.study import Study, bundled, load_study
from casualties.tolls import Tolls, toll_increments
from casualties.totals import breakdown, event_totals, period_totals
from casualties.vintages import VintageStore, compare_vintages, reporting_triangle

__version__ = "0.1.0"
__all__ = [
    "CasualtiesError",
    "ChangepointResult",
    "ConservationError",
    "DailySeries",
    "Estimate",
    "Events",
    "Feed",
    "Imprecision",
    "InputError",
    "NotEstimable",
    "PairResult",
    "ReportError",
    "SourceRecord",
    "Study",
    "Tolls",
    "TollsResult",
    "TrendResult",
    "UnknownNameError",
    "VintageStore",
    "breakdown",
    "bundled",
    "compare_pair",
    "compare_priors",
    "compare_tolls",
    "compare_vintages",
    "coverage_overlap",
    "daily_series",
    "daily_series_by",
    "event_totals",
    "figures",
    "fit_changepoints",
    "fit_trend",
    "folded_spellings",
    "heaping",
    "load_study",
    "period_totals",
    "place_mask",
    "read_acled",
    "read_feed",
    "read_mapped",
    "read_tolls",
    "read_ucdp_ged",
    "reconcile",
    "reporting_triangle",
    "share_citing",
    "source_coverage",
    "tables",
    "toll_increments",
    "use_style",
]
