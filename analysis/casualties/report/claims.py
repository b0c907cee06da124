"""Standard facts of claims that are held against the records, and what a report says where there are none."""

from __future__ import annotations

import pandas as pd

from casualties.claims.result import ClaimsResult
from casualties.claims.rules import SUPPORTED, VERDICTS
from casualties.report.facts import Facts, date_text, of_basis

__all__ = ["add_claims", "why_unchecked"]

_OWN = "the claimant itself"


def why_unchecked(every: pd.DataFrame, known: pd.DataFrame, as_of: str = "") -> str:
    """Say why a report checks no claim; empty where it can check some.

    Parameters
    ----------
    every : DataFrame
        All claims that the study holds (`Study.claims`).
    known : DataFrame
        Those that it holds as it is told: in a replay, those published by its day.
    as_of : str, optional
        The day of a replay, as an ISO date.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> claims = pd.DataFrame({"claim_id": ["a"], "published_date": ["2019-07-22"]})
    >>> why_unchecked(claims, claims)
    ''
    >>> why_unchecked(claims, claims[:0], "2019-07-21")
    'By 21 July 2019 none of the claims that the study holds had been published.'
    """
    if len(known):
        return ""
    if every.empty or not as_of:
        return "The study holds no claims that could be checked."
    dated = every["published_date"].str.strip() if "published_date" in every else pd.Series("", index=every.index)
    undated = " (a claim without a day of publication is left out)" if (dated == "").any() else ""
    return f"By {date_text(as_of)} none of the claims that the study holds had been published{undated}."


def add_claims(facts: Facts, prefix: str, result: ClaimsResult, known: pd.DataFrame) -> None:
    """Add how many claims were checked, with which answers, and what these hang on.

    Parameters
    ----------
    facts : Facts
        Where the figures go.
    prefix : str
        First part of the keys: ``.all``; the answers ``.supported, .contradicted, .undecided, .not-testable``;
        ``.turning`` (answers that another reading or boundary changes), ``.own`` (supported by nobody but the
        claimant), ``.inconsistencies``, ``.found`` (claims without a record for which events are listed that they may
        mean), ``.readings`` (vague words read), ``.published`` (by whom and when, in words).
    result : ClaimsResult
        The checks.
    known : DataFrame
        The claims that were checked, as text.
    """
    given = of_basis(result.basis)
    answers = result.answers
    counts = {
        "all": (len(answers), "claims checked"),
        **{
            verdict.replace(" ", "-"): (int(number), f"claims, {verdict}")
            for verdict, number in zip(VERDICTS, result.counts(), strict=True)
        },
        "turning": (int((answers["turns_on"] != "").sum()), "answers that another reading or boundary changes"),
        "own": (
            int(((answers["verdict"] == SUPPORTED) & (answers["independence"] == _OWN)).sum()),
            "claims supported by the claimant alone",
        ),
        "found": (int(result.candidates["claim_id"].nunique()), "claims for which events are listed"),
    }
    for key, (number, label) in counts.items():
        facts.add(f"{prefix}.{key}", number, label=label, unit="claims", **given)
    for key, table, label in (
        ("inconsistencies", result.inconsistencies, "inconsistencies inside the report"),
        ("readings", result.readings, "readings that the answers rest on"),
    ):
        facts.add(f"{prefix}.{key}", len(table), label=label, unit=key, **given)
    facts.add(f"{prefix}.published", _published(known), label="where and when the claims were published", **given)


def _published(known: pd.DataFrame) -> str:
    """Say by whom and when claims were published, as far as they tell."""
    told = {
        name: sorted(set(known[name].str.strip()) - {""}) if name in known else []
        for name in ("published_by", "published_date")
    }
    days = told["published_date"]
    when = ""
    if days:
        when = date_text(days[0]) if days[0] == days[-1] else f"{date_text(days[0])} to {date_text(days[-1])}"
    return ", ".join(filter(None, ["; ".join(told["published_by"]), when])) or "not stated where and when"
