"""One answer a claim: what its sources and boundaries say together.

Sources that differ, and boundaries that differ, leave a claim undecided: no source is taken to be right.
"""

from __future__ import annotations

import pandas as pd

from casualties.claims.rules import CONTRADICTED, NOT_TESTABLE, SUPPORTED, UNDECIDED
from casualties.claims.statements import Statement

__all__ = ["answer_of"]


def answer_of(statement: Statement, rows: pd.DataFrame) -> tuple[str, ...]:
    """Put the verdicts of the sources and boundaries together."""
    head = (statement.name, statement.claim, statement.claimant)
    if set(rows["verdict"]) == {NOT_TESTABLE}:
        return *head, NOT_TESTABLE, "", "", "", str(rows["reason"].iloc[0])
    turns = _turns(rows)
    boundaries = rows.groupby("place", sort=False)["verdict"].agg(lambda each: ", ".join(sorted(set(each))))
    decided = [name for name in (SUPPORTED, CONTRADICTED) if name in set(rows["verdict"])]
    rested = rows[rows["verdict"].isin(decided)] if decided else rows
    if len(set(boundaries)) > 1:
        verdict, rested = UNDECIDED, rows
        turns.insert(0, "the boundary")
        reason = "; ".join(f"{row.place}: {row.verdict} ({row.found})" for row in rows.itertuples())
    elif len(decided) > 1:
        verdict = UNDECIDED
        told = "; ".join(f"{row.source}: {row.verdict} ({row.found})" for row in rested.itertuples())
        reason = f"sources differ: {told}"
    elif decided:
        verdict = decided[0]
        reason = "; ".join(f"{row.source}: {row.found}" for row in rested.itertuples())
    else:
        verdict = UNDECIDED
        reason = "; ".join(f"{row.source}: {row.reason} ({row.found})" for row in rested.itertuples())
    by = ", ".join(dict.fromkeys(rested["source"]))
    return *head, verdict, by, _standing(rested), "; ".join(turns), reason


def _turns(rows: pd.DataFrame) -> list[str]:
    """Say under which other readings which sources say something else."""
    sources: dict[str, list[str]] = {}
    several = len(set(rows["place"])) > 1
    for row in rows.itertuples():
        for turn in filter(None, str(row.turns_on).split("; ")):
            sources.setdefault(turn, []).append(str(row.place if several else row.source))
    return [
        f"{turn} ({', '.join(named) if len(named) < 3 else f'{len(named)} sources'})"
        if several or len(rows) > 1
        else turn
        for turn, named in sources.items()
    ]


def _standing(rows: pd.DataFrame) -> str:
    """Say whether any of the sources that decide stands apart from the claimant."""
    apart = rows["independent"]
    if apart.fillna(False).any():
        return "apart, by the citations"
    if apart.notna().all():
        return "the claimant itself"
    return "partly the claimant itself" if apart.notna().any() else "not known"
