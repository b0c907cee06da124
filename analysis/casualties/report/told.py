"""What a source tells and what it leaves out: a report makes a sentence only where its fact exists."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from casualties.events import Events
from casualties.feeds import Feed
from casualties.places import equivalents, match_places, spellings
from casualties.series import DailySeries

__all__ = ["Told", "leaves_open"]

CLASSES = ("deaths_a", "deaths_b", "civilians", "unknown")
# A picture of more areas than this cannot be read.
MOST_AREAS = 40
_WIDE = 6  # of where_prec: known to the country only


@dataclass(frozen=True, slots=True)
class Told:
    """What the source of a report's main series tells of its dead.

    Parameters
    ----------
    range, civilians, classes, kinds : bool, optional
        Whether it gives low and high, civilians, every class of victims, the kind of violence for all its events.
    sides : bool, optional
        Whether it names anyone on a side of an event.
    areas : int, optional
        How many areas of the first order it names.
    area : str, optional
        What such an area is called.
    unplaced, unplaced_long : bool, optional
        Whether deaths stand in events without such an area, and most of these in events that are long or nationwide.
    several_days : bool, optional
        Whether an event lasts several days.
    some : tuple of str, optional
        Which of ``"range"`` and ``"civilians"`` it gives for a part of its events only.
    """

    range: bool = False
    civilians: bool = False
    classes: bool = False
    kinds: bool = False
    sides: bool = False
    areas: int = 0
    area: str = "area"
    unplaced: bool = False
    unplaced_long: bool = False
    several_days: bool = False
    some: tuple[str, ...] = ()

    @classmethod
    def of(cls, source: Events | Feed) -> Told:
        """Look at a source.

        Examples
        --------
        >>> import casualties as ca
        >>> told = Told.of(ca.load_study("idlib-2019").sources["ucdp"])
        >>> told.range, told.area, told.sentence("The source")
        (True, 'governorate', '')
        >>> Told.of(ca.load_study("idlib-2019").sources["sohr"]).range
        False
        """
        if isinstance(source, Feed):
            return cls()
        accepted = source.accepted
        given = accepted.notna()
        parts = {"range": given["low"] & given["high"], "civilians": given["civilians"]}
        names = sorted(set(accepted["adm1"]) - {""})
        unplaced = accepted[accepted["adm1"] == ""]
        lasting = accepted["date_end"] > accepted["date_start"]
        far = lasting[unplaced.index] | (unplaced["where_prec"] >= _WIDE).fillna(False).astype(bool)
        deaths, of_these = int(unplaced["best"].sum()), int(unplaced.loc[far, "best"].sum())
        return cls(
            range=bool(parts["range"].all()),
            civilians=bool(parts["civilians"].all()),
            classes=bool(given[[*CLASSES]].all(axis=None)),
            kinds=bool(given["kind"].all()),
            sides=bool(((accepted["side_a"] != "") | (accepted["side_b"] != "")).any()),
            areas=len(names),
            area=_area(names),
            unplaced=bool(names) and deaths > 0,
            unplaced_long=2 * of_these > deaths,
            several_days=bool(lasting.any()),
            some=tuple(name for name, part in parts.items() if part.any() and not part.all()),
        )

    @property
    def mapped(self) -> bool:
        """Whether its areas are few enough for a picture."""
        return 0 < self.areas <= MOST_AREAS

    def sentence(self, subject: str) -> str:
        """Say what the source does not tell.

        Parameters
        ----------
        subject : str
            The source, as the subject of the sentence.

        Returns
        -------
        str
            One sentence; empty where nothing is missing.

        Examples
        --------
        >>> Told(civilians=True, classes=True, kinds=True, areas=3).sentence("The list")
        'The list gives no range and names no sides.'
        """
        lacks = [
            (self.range, "gives a range for some of its events only" if "range" in self.some else "gives no range"),
            (
                self.civilians,
                "tells civilians from the other dead in some of its events only"
                if "civilians" in self.some
                else "does not tell civilians from the other dead",
            ),
            (self.classes or not self.civilians, "does not say who the dead other than civilians were"),
            (self.sides, "names no sides"),
            (bool(self.areas), "names no governorates or other areas"),
            (self.kinds, "does not class the violence by kind"),
        ]
        words = [clause for there, clause in lacks if not there]
        if not words:
            return ""
        return f"{subject} {' and '.join(part for part in (', '.join(words[:-1]), words[-1]) if part)}."


def leaves_open(series: DailySeries) -> bool:
    """Tell whether the record of a series leaves a day or a number open, so that there is something to draw.

    Examples
    --------
    >>> leaves_open(DailySeries.from_counts([3, 0, 5], "2019-04-28"))
    False
    """
    records = series.records
    if records is None:
        return False
    low, _, high = records.deaths.T
    return bool((records.days > 1).any() or (low < high).any())


def _area(names: list[str]) -> str:
    """Give the word for areas: that of Syria where most of them are Syria's governorates."""
    if not names:
        return "area"
    known = match_places(names, spellings(equivalents("syria", level="governorate")))
    found = pd.Series(known["match"]).fillna("").astype(str) != ""
    return "governorate" if 2 * int(found.sum()) > len(names) else "area"
