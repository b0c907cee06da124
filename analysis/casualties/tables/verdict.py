"""A verdict: what each source says, how many choices agree, which of them moves the answer, and what turns it."""

from __future__ import annotations

import math

import pandas as pd

from casualties.results import register_table
from casualties.tables.printing import days_text, percent, ratio_text, signed, stub
from casualties.verdict.choices import AXES
from casualties.verdict.curve import SpecificationCurve
from casualties.verdict.decision import reading_of, told
from casualties.verdict.overturners import AXIS_WORDS
from casualties.verdict.question import MODELS
from casualties.verdict.replay import Replay
from casualties.verdict.result import Verdict

__all__ = [
    "differing_table",
    "influence_table",
    "options_table",
    "overturners_table",
    "replay_table",
    "sources_verdict_table",
    "support_table",
]

_NONE = "–"
_MOST = 12


@register_table(Verdict)
def sources_verdict_table(verdict: Verdict) -> pd.DataFrame:
    """Tabulate what each source says: state, methods, size, date, choices that agree."""
    rows = []
    for row in verdict.sources.to_dict("records"):
        dated = pd.notna(row["date"])
        rows.append(
            {
                "Source": row["label"] if row["counted"] else f"{row['label']} (another scope: not counted)",
                "Says": row["state"],
                **{model.capitalize(): row[model] or _NONE for model in MODELS},
                "Ratio": _ratio(row["ratio"], row["ratio_low"], row["ratio_high"]),
                "Largest change": days_text(row["date"], row["date"]) if dated else _NONE,
                "Date set": days_text(row["date_low"], row["date_high"]) if dated else _NONE,
                "Choices that give this answer": f"{row['agreeing']:,} of {row['able']:,}",
            }
        )
    return pd.DataFrame(rows).set_index("Source").T.rename_axis(None, axis=0).rename_axis(None, axis=1)


@register_table(SpecificationCurve)
def support_table(curve: SpecificationCurve) -> pd.DataFrame:
    """Tabulate how many specifications read what."""
    support = curve.support
    made = pd.DataFrame(
        {
            "Reading": support["reading"],
            "Specifications": [f"{number:,}" for number in support["specifications"]],
            "Share": [percent(share) for share in support["share"]],
        }
    )
    return stub(made)


def options_table(curve: SpecificationCurve) -> pd.DataFrame:
    """Tabulate how many specifications that can tell read a rise or a fall, by option."""
    table = curve.by_option
    made = pd.DataFrame(
        {
            "Choice": [_axis(axis) for axis in table["axis"]],
            "Option": [curve.names.get(option, _option(option)) for option in table["option"]],
            "Specifications": [f"{number:,}" for number in table["specifications"]],
            "Rise": [f"{number:,}" for number in table["rise"]],
            "Fall": [f"{number:,}" for number in table["fall"]],
        }
    )
    return stub(made)


def influence_table(curve: SpecificationCurve) -> pd.DataFrame:
    """Tabulate the share of each axis in the variance of ratio and growth."""
    ratio, growth = (each.set_index("axis")["share"] for each in (curve.influence, curve.influence_on_growth))
    axes = [*ratio.index, *(axis for axis in growth.index if axis not in ratio.index)]
    last = [axis for axis in axes if axis not in AXES]
    made = pd.DataFrame(
        [
            {
                "Choice": _axis(axis),
                "Ratio": percent(ratio[axis]) if axis in ratio.index else _NONE,
                "Growth": percent(growth[axis]) if axis in growth.index else _NONE,
            }
            for axis in [*(axis for axis in axes if axis in AXES), *last]
        ]
    )
    return stub(made)


def overturners_table(verdict: Verdict) -> pd.DataFrame:
    """Tabulate what turns the verdict and what it becomes; then what was tried and turns nothing."""
    turning = [{"Change": f"If {each.words}", "The verdict becomes": each.state} for each in verdict.overturners]
    tried = [{"Change": f"Tried: {each.words}", "The verdict becomes": "the same"} for each in verdict.bounds]
    made = pd.DataFrame([*turning, *tried], columns=["Change", "The verdict becomes"])
    return stub(made)


@register_table(Replay)
def replay_table(replay: Replay) -> pd.DataFrame:
    """Tabulate who said it when, how often wrongly, and how often each changed its mind."""
    rows = [
        {
            "Judge": row["judge"],
            "First said": _NONE if pd.isna(row["first"]) else days_text(row["first"], row["first"]),
            "Weeks after the rise": _NONE if math.isnan(row["weeks"]) else signed(row["weeks"], 1),
            "False weeks": f"{row['false']}",
            "Changes of mind": f"{row['flips']}",
            "Weeks it could tell": f"{row['told']}",
        }
        for row in replay.judges.to_dict("records")
    ]
    return stub(pd.DataFrame(rows))


def differing_table(verdict: Verdict) -> pd.DataFrame:
    """Tabulate the specifications of the declared series that read otherwise, at most twelve."""
    panel = told(verdict.curve.of_main[verdict.curve.of_main["declared"]])
    other = panel[panel["reading"] != reading_of(verdict.decision.state)].head(_MOST)
    made = pd.DataFrame(
        [
            {
                "Method": row["model"],
                "Baseline": _option(row["baseline"]) or _NONE,
                "Days": _option(row["days"]),
                "Answer": _ratio(row["value"], row["low"], row["high"])
                if row["quantity"] == "ratio"
                else f"{row['value']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f}) a day",
                "Reads": row["reading"],
            }
            for row in other.to_dict("records")
        ],
        columns=["Method", "Baseline", "Days", "Answer", "Reads"],
    )
    return stub(made)


def _ratio(value: float, low: float, high: float) -> str:
    if math.isnan(value):
        return _NONE
    if math.isnan(low):
        return ratio_text(value)
    ends = f"{ratio_text(low)} or more" if math.isinf(high) else f"{ratio_text(low)} to {ratio_text(high)}"
    return f"{ratio_text(value)} ({ends})"


def _axis(axis: str) -> str:
    words = AXIS_WORDS.get(axis, "choices together")
    return f"{words[0].upper()}{words[1:]}"


def _option(option: str) -> str:
    return str(option).replace("_", " ")
