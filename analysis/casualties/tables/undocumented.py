"""Those on no list, as the report prints them."""

from __future__ import annotations

import pandas as pd

from casualties.comparison.capture_recapture import UndocumentedResult
from casualties.estimates import NotEstimable
from casualties.results import register_table
from casualties.tables.printing import stub

__all__ = ["capture_models_table", "refusals_table", "undocumented_table"]

_WORDS = {
    "lower_bound": "at least, where no two lists avoid each other's",
    "spread": "spread of plausible models",
    "bic": "average by BIC",
    "aic": "average by AIC",
    "decomposable": "average over graphs",
    "chao": "Chao, on one list and on two (too high with few lists)",
    "coverage_number": "sample coverage, equal visibility",
}


@register_table(UndocumentedResult)
def undocumented_table(result: UndocumentedResult) -> pd.DataFrame:
    """Tabulate the lower bound, the spread and the averages; or the reasons why there is no number."""
    if isinstance(result.spread, NotEstimable):
        return refusals_table(result)
    rows = []
    for name, words in _WORDS.items():
        answer = getattr(result, name)
        told = not isinstance(answer, NotEstimable)
        rows.append(
            {
                f"All {result.unit}": words,
                "Number": f"{answer.value:,.0f}" if told else "–",
                "Interval": f"{answer.low:,.0f} to {answer.high:,.0f}" if told and answer.has_interval else "–",
            }
        )
    return stub(pd.DataFrame(rows))


def refusals_table(result: UndocumentedResult) -> pd.DataFrame:
    """Tabulate each reason why there is no number."""
    reasons = result.spread.reason.split("; ") if isinstance(result.spread, NotEstimable) else []
    numbered = {
        "": range(1, len(reasons) + 1),
        "Why there is no number": [f"{text[0].upper()}{text[1:]}." for text in reasons],
    }
    return stub(pd.DataFrame(numbered))


def capture_models_table(result: UndocumentedResult, most: int = 10) -> pd.DataFrame:
    """Tabulate the best models by BIC.

    Parameters
    ----------
    result : UndocumentedResult
        The answers.
    most : int, optional
        Models shown.
    """
    best = result.models.head(most)
    return stub(
        pd.DataFrame(
            {
                "Lists that depend on each other": best["model"],
                "Number": best["number"].map("{:,.0f}".format),
                "Interval": [f"{low:,.0f} to {high:,.0f}" for low, high in zip(best["low"], best["high"], strict=True)],
                "Deviance": best["deviance"].map("{:.1f}".format),
                "df": best["df"],
                "Weight by AIC": best["weight_aic"].map("{:.2f}".format),
                "Weight by BIC": best["weight_bic"].map("{:.2f}".format),
            }
        )
    )
