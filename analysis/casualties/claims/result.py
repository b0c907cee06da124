"""The checks of claims as a result: one row a claim, boundary and source; one answer a claim."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from casualties.claims.rules import RULES, VERDICTS
from casualties.results import Basis, Result

__all__ = ["ANSWERS", "CHECKS", "VARIANTS", "ClaimsResult", "candidate_words"]

CHECKS = (
    *("claim_id", "claim", "claimant", "measure", "victims", "place", "start", "end", "operator", "value", "unit"),
    *("source", "kind", "figure", "low", "high", "verdict", "turns_on", "found", "reason", "left_open"),
    *("independent", "dependence", "readings"),
)
VARIANTS = (
    "claim_id",
    "source",
    "place",
    "tried",
    "start",
    "end",
    "operator",
    "value",
    "figure",
    "low",
    "high",
    "verdict",
)
ANSWERS = ("claim_id", "claim", "claimant", "verdict", "decided_by", "independence", "turns_on", "reason")


@dataclass(frozen=True, slots=True, eq=False)
class ClaimsResult(Result):
    """Every claim with what each source says of it.

    Parameters
    ----------
    basis : Basis
        Sources, days and readings.
    checks : DataFrame
        One row a claim, boundary and source that can bear it (one row without a source where none can): ``claim_id,
        claim, claimant, measure, victims, place`` (the boundary), ``start, end, operator, value, unit, source, kind``
        (``events``, ``feed``, ``published total``, ``other counts``), ``figure, low, high`` (what the source holds;
        ``high`` infinite for a bound from below), ``verdict``, ``turns_on`` (other readings under which it is
        another), ``found`` (what the source holds, in words), ``reason``, ``left_open`` (what is not tested),
        ``independent`` (False where the source is the claimant or rests on it; NA where that is not known),
        ``dependence`` (the same in words), ``readings`` (of vague words).
    variants : DataFrame
        The same for every other reading tried, one at a time: ``claim_id, source, place, tried, start, end, operator,
        value, figure, low, high, verdict``.
    answers : DataFrame
        One row a claim: ``claim_id, claim, claimant, verdict, decided_by`` (the sources), ``independence`` (of these
        from the claimant), ``turns_on, reason``. Sources or boundaries that differ leave a claim undecided.
    inconsistencies : DataFrame
        What does not fit inside the report: ``kind, claim_a, claim_b, claimant_a, claimant_b, words``.
    candidates : DataFrame
        Events that a claim may mean where nothing is recorded at its place, likeliest first.
    readings : DataFrame
        ``words, sets, reading, also`` of the vague words that the claims rest on.
    silent : DataFrame
        ``claim_id, source, reason`` of sources that cannot bear a claim.
    """

    basis: Basis
    checks: pd.DataFrame
    variants: pd.DataFrame
    answers: pd.DataFrame
    inconsistencies: pd.DataFrame
    candidates: pd.DataFrame
    readings: pd.DataFrame
    silent: pd.DataFrame

    def counts(self) -> pd.Series[int]:
        """Count the claims by verdict."""
        return self.answers["verdict"].value_counts().reindex(list(VERDICTS), fill_value=0)

    def to_frame(self) -> pd.DataFrame:
        """Give the checks: one row a claim, boundary and source."""
        return self.checks.copy()

    def summary(self) -> str:
        """Give the answers, what does not fit, and the rules as text."""
        told = ", ".join(f"{verdict} {number}" for verdict, number in self.counts().items())
        lines = [f"{len(self.answers)} claims checked", *self.basis.lines(), f"Answers:  {told}"]
        for row in self.answers.to_dict("records"):
            who = row["claimant"] or "nobody named"
            lines.append(f"{row['claim_id']}: {row['verdict']}: {row['claim']} ({who}): {row['reason']}")
            if row["turns_on"]:
                lines.append(f"    turns on: {row['turns_on']}")
        lines += [f"Inconsistent: {words}" for words in self.inconsistencies["words"]]
        lines += [
            f"Candidate for claim {row['claim_id']}: {candidate_words(row)}"
            for row in self.candidates.to_dict("records")
        ]
        lines += [
            f"Reading:  {row['words']} = {row['reading']}{_also(row)}" for row in self.readings.to_dict("records")
        ]
        lines += [
            f"Rule:     {operator} is supported where {rule.supported}; contradicted where {rule.contradicted}"
            for operator, rule in RULES.items()
        ]
        return "\n".join(lines)


def candidate_words(row: Mapping[Hashable, Any]) -> str:
    """Say in words which event a claim may mean."""
    start, end = (f"{row[name]:%Y-%m-%d}" for name in ("date_start", "date_end"))
    days = start if start == end else f"{start} to {end}"
    way = "" if math.isnan(row["km"]) else f", {row['km']:.0f} km from it"
    district = f"in the same district ({row['district']})" if row["same_district"] else f"in {row['district']}"
    number = f"{row['deaths']} recorded deaths ({row['low']} to {row['high']})"
    return f"{row['source']} event {row['event']}, {row['place']}{way}, {district}, {days}: {number}"


def _also(row: Mapping[Hashable, Any]) -> str:
    return f" (also tried: {row['also']})" if row["also"] else ""
