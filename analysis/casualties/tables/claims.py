"""Claims as a fact-check: the answers, what each source holds, what does not fit, and how words were read."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from casualties.claims.result import ClaimsResult
from casualties.claims.rules import CONTRADICTED, NOT_TESTABLE, RULES, SUPPORTED, UNDECIDED
from casualties.claims.terms import COMPARISONS
from casualties.results import register_table
from casualties.tables.printing import days_text, stub

__all__ = [
    "candidates_table",
    "claim_answers_table",
    "claim_checks_table",
    "claim_readings_table",
    "claim_rules_table",
    "fact_check_table",
    "inconsistencies_table",
    "untestable_claims_table",
]

Row = dict[Hashable, Any]
MISSING = "the record would have to miss "
SHARES = ("share of days", "share of the killed")
SAYS = {SUPPORTED: "Supported by", CONTRADICTED: "Contradicted by", UNDECIDED: "Left open by"}


@register_table(ClaimsResult)
def claim_answers_table(result: ClaimsResult) -> pd.DataFrame:
    """Tabulate one answer a claim, and what it turns on."""
    rows = [
        {
            "No.": row["claim_id"],
            "Claim": row["claim"],
            "Said by": row["claimant"] or "–",
            "Answer": row["verdict"],
            "Sources that bear it": _first_words(row["decided_by"]),
            "Independence": row["independence"] or "–",
            "Turns on": row["turns_on"] or "–",
        }
        for row in result.answers.to_dict("records")
    ]
    return stub(pd.DataFrame(rows))


def fact_check_table(result: ClaimsResult) -> pd.DataFrame:
    """Tabulate one row a claim: scope, answer, what each source holds with its range, and how words were read."""
    rows = []
    for answer in result.answers.to_dict("records"):
        checks = result.checks[result.checks["claim_id"] == answer["claim_id"]]
        first = checks.iloc[0]
        places, days = " or ".join(dict.fromkeys(checks["place"])), days_text(first["start"], first["end"])
        held = _all_held(checks)
        apart = f"Independence: {answer['independence']}" if answer["independence"] else ""
        turns = f"Turns on: {answer['turns_on']}" if answer["turns_on"] else ""
        rows.append(
            {
                "No.": answer["claim_id"],
                "Claim, place and days": f"{_said(answer)} ({places}, {days})",
                "Answer": answer["verdict"],
                "What sources hold": ". ".join(filter(None, [held, apart])) or "–",
                "Words read as": ". ".join(filter(None, [first["readings"], turns])) or "–",
            }
        )
    return stub(pd.DataFrame(rows))


def untestable_claims_table(result: ClaimsResult) -> pd.DataFrame:
    """Tabulate the claims that no source can bear, and why each source cannot."""
    rows = []
    answers = result.answers[result.answers["verdict"] == NOT_TESTABLE]
    for answer in answers.to_dict("records"):
        silent = result.silent[result.silent["claim_id"] == answer["claim_id"]]
        sources = silent.groupby("reason", sort=False)["source"].agg(lambda names: ", ".join(filter(None, names)))
        why = "; ".join(f"{names}: {reason}" if names else str(reason) for reason, names in sources.items())
        rows.append({"No.": answer["claim_id"], "Claim": _said(answer), "Why it cannot be tested": why})
    return stub(pd.DataFrame(rows, columns=pd.Index(["No.", "Claim", "Why it cannot be tested"])))


def claim_checks_table(result: ClaimsResult) -> pd.DataFrame:
    """Tabulate each claim against each source, with its figure and range; for one that cannot be tested, why."""
    rows = [
        {
            "No.": row["claim_id"],
            "Claimed": _claimed(row),
            "Place": row["place"],
            "Days": days_text(row["start"], row["end"]),
            "Source": _first_words(row["source"]) or "–",
            "Holds": _held(row),
            "Verdict": row["verdict"],
            "Stands apart": _apart(row),
        }
        for row in result.checks.to_dict("records")
    ]
    return stub(pd.DataFrame(rows))


def inconsistencies_table(result: ClaimsResult) -> pd.DataFrame:
    """Tabulate what does not fit inside the report."""
    rows = [
        {
            "Claims": f"{row['claim_a']} and {row['claim_b']}",
            "Said by": f"{row['claimant_a']}; {row['claimant_b']}",
            "What does not fit": row["words"],
        }
        for row in result.inconsistencies.to_dict("records")
    ]
    return stub(pd.DataFrame(rows, columns=pd.Index(["Claims", "Said by", "What does not fit"])))


def candidates_table(result: ClaimsResult) -> pd.DataFrame:
    """Tabulate the events that a claim may mean where nothing is recorded at its place."""
    rows = [
        {
            "No.": row["claim_id"],
            "Event": f"{row['source']} {row['event']}",
            "Place": row["place"],
            "District": row["district"],
            "Way (km)": f"{row['km']:.0f}",
            "Days": days_text(row["date_start"], row["date_end"]),
            "Recorded": f"{row['deaths']} ({row['low']}–{row['high']})",
        }
        for row in result.candidates.to_dict("records")
    ]
    columns = ["No.", "Event", "Place", "District", "Way (km)", "Days", "Recorded"]
    return stub(pd.DataFrame(rows, columns=pd.Index(columns)))


def claim_readings_table(result: ClaimsResult) -> pd.DataFrame:
    """Tabulate how vague words were read, and what else was tried."""
    rows = [
        {"Words": row["words"], "Read as": row["reading"], "Also tried": row["also"] or "–"}
        for row in result.readings.to_dict("records")
    ]
    return stub(pd.DataFrame(rows))


def claim_rules_table() -> pd.DataFrame:
    """Tabulate when a range supports a claim and when it contradicts it."""
    rows = [
        {
            "Claim says": COMPARISONS.get(operator, operator),
            "Supported": rule.supported,
            "Contradicted": rule.contradicted,
        }
        for operator, rule in RULES.items()
    ]
    return stub(pd.DataFrame(rows))


def _said(answer: Mapping[Hashable, Any]) -> str:
    """Write a claim with who made it."""
    return f"{answer['claimant']}: {answer['claim']}" if answer["claimant"] else str(answer["claim"])


def _all_held(checks: pd.DataFrame) -> str:
    """Write what each source holds, by what it says of the claim; by boundary where there are several."""
    parts = []
    several = len(set(checks["place"])) > 1
    for place, here in checks.groupby("place", sort=False):
        said = []
        for verdict, words in SAYS.items():
            held = [_shortly(row) for row in here[here["verdict"] == verdict].to_dict("records")]
            said += [f"{words} {'; '.join(held)}"] if held else []
        parts.append(f"{place}: {'. '.join(said)}" if several else ". ".join(said))
    return ". ".join(filter(None, parts))


def _shortly(row: Row) -> str:
    """Write what one source holds: of a published total the number alone, else its words."""
    name = _first_words(row["source"]) or "–"
    if row["kind"] != "published total":
        return f"{name}, {_held(row)}"
    if math.isinf(row["high"]):
        return f"{name}, at least {row['low']:,.0f}"
    span = "" if row["low"] == row["high"] else f" ({row['low']:,.0f} to {row['high']:,.0f})"
    return f"{name}, {row['figure']:,.0f}{span}"


def _claimed(row: Row) -> str:
    """Write what is claimed of the number."""
    operator, value, unit = str(row["operator"]), row["value"], str(row["unit"])
    if operator == "is unusual":
        return f"unusual (chance of at most {value:g})"
    if operator not in COMPARISONS:
        return operator
    sign = "" if operator == "=" else f"{COMPARISONS[operator]} "
    return f"{sign}{value:.0%} of {unit.removeprefix('share of ')}" if unit in SHARES else f"{sign}{value:,g} {unit}"


def _apart(row: Row) -> str:
    if not row["source"]:
        return "–"
    return "not known" if pd.isna(row["independent"]) else "yes" if row["independent"] else "no"


def _held(row: Row) -> str:
    """Write what the source holds, and how far it would have to be wrong; or why it cannot be asked."""
    if not row["found"]:
        return str(row["reason"])
    short = str(row["reason"]).partition(MISSING)[2]
    return f"{row['found']}; {MISSING}{short}" if short else str(row["found"])


def _first_words(names: object) -> str:
    """Name sources without what stands in brackets."""
    return ", ".join(name.split(" (")[0] for name in str(names).split(", ") if not name.endswith(")") or " (" in name)
