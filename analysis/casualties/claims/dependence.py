"""Whether a source stands apart from the one who made a claim: agreement with oneself confirms nothing."""

from __future__ import annotations

import math

import pandas as pd

from casualties.comparison.citations import cites
from casualties.events import Events

__all__ = ["LARGELY", "citing_share", "is_code_of", "rests_on_claimant"]

# A claimant whose reports stand behind at least this share of the recorded deaths is no second witness.
LARGELY = 0.5


def rests_on_claimant(
    events: Events, accepted: pd.DataFrame, deaths: pd.Series[int], claimant: str, code: str, main: str
) -> tuple[bool | None, str]:
    """Say how far a recorded figure rests on a claimant.

    Parameters
    ----------
    events : Events
        The source.
    accepted : DataFrame
        The events behind the figure.
    deaths : Series of int
        Their deaths.
    claimant, code : str
        Who made the claim, and the code under which events cite them.
    main : str
        The source that the study says most events rest on; blank where there is none.

    Returns
    -------
    (bool or None, str)
        Whether the figure stands apart from the claimant (None where citations do not tell), and why.
    """
    base = ""
    if main and main.casefold() != code.casefold() and not math.isnan(resting := citing_share(accepted, deaths, main)):
        base = f"; {resting:.0%} of it rests on {main}, and so may the claim"
    if is_code_of(code, events.record.name):
        return False, "the claimant is the source itself"
    if code.casefold() not in {
        one for cited in events.accepted["cited"].unique() for one in cited.casefold().split(";")
    }:
        return None, f"the source never cites {claimant or 'the claimant'}{base}"
    share = citing_share(accepted, deaths, code)
    if math.isnan(share):
        return None, "nobody died in the events, so citations do not tell"
    told = f"{share:.0%} of it stands in events that cite {code}"
    return share < LARGELY, f"{told}: the claimant supports itself" if share >= LARGELY else f"{told}{base}"


def citing_share(accepted: pd.DataFrame, deaths: pd.Series[int], code: str) -> float:
    """Give the share of deaths in events that cite a source; NaN where nobody died."""
    total = int(deaths.sum())
    return int(deaths[cites(accepted["cited"], code)].sum()) / total if total else math.nan


def is_code_of(code: str, name: str) -> bool:
    """Tell whether a code is a source's short name.

    Examples
    --------
    >>> is_code_of("SOHR", "SOHR daily totals"), is_code_of("AP", "Apes")
    (True, False)
    """
    own, long = code.casefold(), name.casefold()
    return bool(own) and (own == long or long.startswith(f"{own} "))
