"""Names of areas under the names of a table of equivalents; what the table cannot settle stays as it was written."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from casualties.places import equivalents, match_places, spellings

__all__ = ["AMBIGUOUS", "UNMATCHED", "settle_areas"]

LEVELS = {"adm1": "governorate", "adm2": "district"}
AMBIGUOUS, UNMATCHED = "place-ambiguous", "place-unmatched"


def settle_areas(names: Mapping[str, pd.Series], country: str) -> tuple[dict[str, pd.Series], dict[str, pd.Series]]:
    """Give names of areas as the table of a country has them.

    Parameters
    ----------
    names : mapping of str to Series of str
        Under ``"adm1"`` and ``"adm2"``, where the list has them, the names in any spelling and script.
    country : str
        The table, e.g. ``"syria"``.

    Returns
    -------
    names : dict of str to Series of str
        The names of the table; what matches none, or more than one, as it was given. A district is looked for in its
        governorate, and anywhere where that is empty or not settled.
    flags : dict of str to Series of bool
        Under `AMBIGUOUS` and `UNMATCHED`: rows with such a name.

    Examples
    --------
    >>> given = {"adm1": pd.Series(["إدلب", "Idleb", "Atlantis"]), "adm2": pd.Series(["حارم", "", ""])}
    >>> names, flags = settle_areas(given, "syria")
    >>> names["adm1"].tolist(), names["adm2"].tolist(), flags["place-unmatched"].tolist()
    (['Idlib', 'Idlib', 'Atlantis'], ['Harim', '', ''], [False, False, True])
    """
    index = next(iter(names.values())).index
    flags = {flag: pd.Series(False, index=index) for flag in (AMBIGUOUS, UNMATCHED)}
    settled: dict[str, pd.Series] = {}
    within = pd.Series("", index=index, dtype="str")
    for column, level in LEVELS.items():
        if column not in names:
            continue
        given = names[column].str.strip()
        known = spellings(equivalents(country, level=level))
        asked = pd.MultiIndex.from_arrays([given, within])
        codes, pairs = pd.factorize(asked)
        areas = None if column == "adm1" else pairs.get_level_values(1)
        found = match_places(pairs.get_level_values(0), known, within=areas)
        match, how = (pd.Series(found[name].to_numpy()[codes], index=index, dtype="str") for name in ("match", "how"))
        settled[column] = match.where(match != "", given)
        within = match
        flags[AMBIGUOUS] |= how == "tie"
        flags[UNMATCHED] |= (how == "none") & (given != "")
    return settled, flags
