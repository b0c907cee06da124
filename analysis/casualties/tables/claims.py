"""Claims as a fact-check: the answers, what each source holds, what does not fit, and how words were read."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from casualties.claims.result import ClaimsResult
from casualties.claims.rules import RULES
from casualties.claims.terms import COMPARISONS
from casualties.results import register_table
from casualties.tables.printing import days_text, stub

__all__ = [
    "candidates_table",
    "claim_answers_table",
    "claim_checks_table",
    "claim_readings_table",
    "claim_rules_table",
    "inconsistencies_table",
]

Row = dict[Hashable, Any]
MISSING = "the record would have to miss "
SHARES = ("share of days", "share of the killed")


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
