"""The columns of a file, what each was taken for, and what remains in doubt: the work on a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from casualties.errors import InputError
from casualties.sources.drafting.dated import doubtful_dates, why_no_dates
from casualties.sources.drafting.headers import strangers
from casualties.sources.drafting.look import Column, look
from casualties.sources.files.tables import Layout
from casualties.sources.lists.dates import ISO

__all__ = ["PARTS", "STANDING", "Sorting"]

# Parts of the dead, and who the dead were: by the concept in the header, with the name that the mapping gives it.
PARTS = ("women", "children", "men", "medical", "press")
STANDING = {"civilians": "civilians", "combatants": "deaths_a", "unknown": "unknown"}
QUALIFIED = frozenset({*PARTS, *STANDING, "injured", "low", "high", "age", "personal", "period", "birth", "lat", "lon"})
# More persons than a family or a building has are no row of a list of persons.
LARGEST_GROUP = 1000
SILENT = frozenset({"count", "total", "new", "running", "best", "report", "id"})
LOOKED_FOR = (
    "looked for a header such as date, day, تاريخ or يوم, and for cells such as 2019-04-30, 30/04/2019, 30 April 2019 "
    "or 30 نيسان 2019"
)


class Sorting:
    """What the columns of a table were taken for.

    Parameters
    ----------
    file : str
        Name of the file, for messages.
    frame : DataFrame of str
        Its cells.
    layout : Layout
        Where in the file they were found.

    Attributes
    ----------
    columns : list of Column
        The columns as they look.
    roles : dict of str to str
        What each was taken for, by its name.
    mapping, remarks : dict
        The mapping as far as it is drafted, and why, by its entries.
    doubts : list of str
        What the user must settle.
    """

    def __init__(self, file: str, frame: pd.DataFrame, layout: Layout) -> None:
        self.file, self.layout = file, layout
        self.columns = look(frame)
        self.roles: dict[str, str] = {}
        self.mapping: dict[str, Any] = {}
        self.remarks: dict[str, str] = {}
        self.doubts: list[str] = []

    def take(self, column: Column, role: str) -> Column:
        """Note what a column was taken for, and give it back.

        Parameters
        ----------
        column : Column
            The column.
        role : str
            What it is, in words.
        """
        self.roles[column.name] = role
        return column

    def free(self, *kinds: str) -> list[Column]:
        """Give the columns of some kinds that were not taken for anything yet.

        Parameters
        ----------
        *kinds : str
            As in `Column.kind`.
        """
        return [column for column in self.columns if column.kind in kinds and column.name not in self.roles]

    def choose(self, candidates: list[Column], role: str, rank: Callable[[Column], Any] | None = None) -> Column | None:
        """Take the best candidate for a role; where several are equally good, the first by name, and say so.

        Parameters
        ----------
        candidates : list of Column
            What would do.
        role : str
            The role, in words.
        rank : callable, optional
            The lower, the better; by default the words of the header that nothing is known of.

        Returns
        -------
        Column or None
            None where there is no candidate.
        """
        if not candidates:
            return None
        rank = rank or (lambda column: strangers(column.name))
        ranked = sorted(candidates, key=lambda column: (rank(column), column.name))
        equal = [column.name for column in ranked if rank(column) == rank(ranked[0])]
        if len(equal) > 1:
            others = " and ".join(map(repr, equal[1:]))
            self.doubts.append(f"Two columns or more could be {role}: {equal[0]!r} is taken; {others} would do too.")
        return self.take(ranked[0], role)

    def dates(self) -> tuple[Column, Column | None]:
        """Find the day of the deaths, and the last day where a list gives two.

        Raises
        ------
        InputError
            If no column holds dates.
        """
        dated = [column for column in self.free("dates") if not column.says & {"birth", "personal"}]
        if not dated:
            near = next((column for column in self.columns if "date" in column.says and column.filled), None)
            also = f"; too few cells of {near.name!r} can be read as dates" if near else ""
            why, remedy = why_no_dates(near) if near else ("", "")
            raise InputError(
                f"no column holds dates{f'; {why}' if why else also}",
                file=self.file,
                remedy=remedy or f"{LOOKED_FOR}; give the list a column of dates",
            )
        ends = [column for column in dated if "to" in column.says]
        begins = [column for column in dated if "from" in column.says and column not in ends]
        if begins and ends:
            first = self.choose(begins, "first day of the event")
            last = self.choose(ends, "last day of the event")
            if first is not None:
                self._settle_order(first)
                return first, last
        own = [column for column in dated if "report" not in column.says] or dated
        plain = [column for column in own if column not in ends] or own

        def rank(column: Column) -> tuple[bool, bool, int]:
            return "deaths" not in column.says, "date" not in column.says, strangers(column.name)

        best = min(map(rank, plain))
        equal = [column for column in plain if rank(column) == best]
        chosen = self._earlier(equal) or self.choose(plain, "day of the event", rank) or plain[0]
        self.take(chosen, "day of the event")
        for column in dated:
            if column is not chosen:
                self.take(column, "another date, not read")
        self._settle_order(chosen)
        return chosen, None

    def _earlier(self, dated: list[Column]) -> Column | None:
        """Of two equally good columns of dates take the one that is never later, and say so."""
        if len(dated) != 2 or dated[0].days is None or dated[1].days is None:
            return None
        both = (dated[0].days != "") & (dated[1].days != "")
        one, two = dated[0].days[both], dated[1].days[both]
        for column, other, before in ((dated[0], dated[1], one <= two), (dated[1], dated[0], two <= one)):
            if before.all() and not (one == two).all():
                self.doubts.append(
                    f"Two columns have dates: {column.name!r}, which is never later, is taken for the day of the "
                    f"deaths; {other.name!r} would do as well, or be the last day (date_start, date_end)."
                )
                return column
        return None

    def _settle_order(self, column: Column) -> None:
        """Say how the order of day and month was decided."""
        dates = column.dates
        if dates is None:
            return
        self.doubts += doubtful_dates(column)
        if dates.order == "undecided":
            self.doubts.append(
                f"No cell of {column.name!r} decides whether day or month stands first (none of the numbers is above "
                f"12): the day is taken. If it is the month, write "
                f"{_turned(text for text in dates.formats if text != ISO)} in [dates] formats."
            )
        elif dates.order == "mixed":
            self.doubts.append(
                f"Some cells of {column.name!r} are possible only with the day first, others only with the month "
                f"first. The order that more of them show is taken ({dates.shown}); the others go to the ledger."
            )
        elif dates.order:
            self.remarks["dates.formats"] = (
                f"the {dates.order.split()[0]} stands first: {dates.decided:,} of {dates.numeric:,} cells decide it"
            )

    def deaths(self) -> list[Column]:
        """Give the columns of numbers that could be the deaths."""
        counted = [column for column in self.free("counts") if not column.says & QUALIFIED]
        named = [column for column in counted if "deaths" in column.says]
        if named:
            return named
        bare = [column for column in counted if column.says and column.says <= SILENT and not strangers(column.name)]
        bare = [column for column in bare if "id" not in column.says or not column.all_different] or [
            column for column in bare if column.says & {"total", "running"}
        ]
        if bare and self.is_victims():
            return self._of_groups(bare)
        if bare:
            names = " and ".join(repr(column.name) for column in bare)
            self.doubts.append(f"No header says deaths; {names} is taken for them by its name and its numbers.")
            return bare
        return []

    def _of_groups(self, bare: list[Column]) -> list[Column]:
        """Beside names or ages, give a column that says how many persons each row is, where it is not always one."""
        counting = [
            column
            for column in bare
            if column.says & {"count", "total"}
            and column.different > 1
            and column.numbers is not None
            and not bool((column.numbers.dropna() > LARGEST_GROUP).any())
            and (not column.says & {"id", "running"} or 2 * column.different <= column.filled)
        ]
        if counting:
            names = " and ".join(repr(column.name) for column in counting)
            self.doubts.append(
                f"Rows name persons, and {names} seems to say how many a row is: each row is taken for an event with "
                'so many deaths. If a row is one person, write rows = "victims" and leave best out of [columns].'
            )
        return counting

    def ends(self) -> list[Column]:
        """Give the columns of numbers that could be the lowest or highest estimate of the deaths."""
        counted = [column for column in self.free("counts") if column.says & {"low", "high"}]
        return [column for column in counted if not column.says & {"injured", "age", *PARTS, *STANDING}]

    def is_victims(self) -> bool:
        """Tell whether a row seems to be a person."""
        return any(
            column.filled
            and (("name" in column.says and column.kind in ("words", "codes")) or column.says & {"age", "sex"})
            for column in self.columns
            if "dates" not in column.kind
        )


def _turned(formats: Iterable[str]) -> str:
    """Give formats with day and month exchanged, as a mapping writes them."""
    exchanged = {"%d": "%m", "%m": "%d"}
    made = ["".join(_exchange(text, exchanged)) for text in formats]
    return "[" + ", ".join(f'"{text}"' for text in made) + "]"


def _exchange(text: str, signs: Mapping[str, str]) -> Iterable[str]:
    for part in text.replace("%", "\0%").split("\0"):
        yield signs.get(part[:2], part[:2]) + part[2:]
