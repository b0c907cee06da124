"""What the cells of a column seem to hold, with the evidence; words of people are counted and never repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from casualties.places import equivalents, match_places, spellings
from casualties.sources.drafting.headers import concepts, plain_words
from casualties.sources.lists.counts import count_words, read_counts
from casualties.sources.lists.dates import ISO, date_format, is_iso, read_windows

__all__ = ["UNKNOWN_WORDS", "Column", "Dates", "is_date", "look", "one_of"]

# A column is what most of its cells are; the rest is named in the evidence and ends in the ledger.
DATES, COUNTS, PLACES = 0.8, 0.9, 0.7
FEW = 20
UNKNOWN_WORDS = frozenset(
    {"", "n a", "na", "unknown", "not known", "none", "null", "nan", "غير معروف", "غير محدد", "مجهول"}
    | {"غير معروفه", "لا يوجد"}
)
SEPARATORS = ("/", "-", ".")
# Formats whose first two numbers may be day and month or month and day: both ways of each.
EITHER = tuple(
    (f"%d{sign}%m{sign}{year}{time}", f"%m{sign}%d{sign}{year}{time}")
    for year in ("%Y", "%y")
    for sign in SEPARATORS
    for time in ("", " %H:%M", " %H:%M:%S")
)
PLAIN = (
    *("%Y/%m/%d", "%Y.%m.%d", "%d %B %Y", "%d-%B-%Y", "%d %B %y", "%d-%B-%y", "%B %d, %Y", "%B %d %Y"),
    *("%Y-%m", "%Y/%m", "%m/%Y", "%m-%Y", "%B %Y", "%B-%Y", "%B-%y"),
)
YEAR = "%Y"
SHOWN = {"%Y": "yyyy", "%y": "yy", "%m": "mm", "%d": "dd", "%B": "month", "%H": "hh", "%M": "mm", "%S": "ss"}
# So many different cells, spread over a column, tell which formats are worth trying on all of them.
SAMPLE = 200
# What a count may say instead of a number, as a mapping writes it.
AT_LEAST = ("at least {}", "more than {}", "over {}", "{}+", "ما لا يقل عن {}", "أكثر من {}")
RANGE = ("{}-{}", "{} to {}")
THOUSANDS = (",", "٬", "'", " ")


@dataclass(frozen=True, slots=True)
class Dates:
    """How the dates of a column are written.

    Parameters
    ----------
    formats : tuple of str
        As a mapping writes them, most frequent first.
    order : {"", "day first", "month first", "undecided", "mixed"}
        Order of day and month where both are numbers: what the cells decide; "undecided" where no cell is above 12
        (the day is then taken to stand first), "mixed" where some show one order and some the other (the formats are
        those of the order that more of them show).
    decided, numeric : int
        Cells that decide the order, among those with day and month in numbers.
    first, last : str
        First and last day as ISO dates.
    """

    formats: tuple[str, ...]
    order: str
    decided: int
    numeric: int
    first: str
    last: str

    @property
    def shown(self) -> str:
        """The formats as a reader writes them, e.g. ``dd/mm/yyyy``."""
        return " or ".join(re.sub(r"%[A-Za-z]", lambda sign: SHOWN[sign.group()], text) for text in self.formats)


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column as it looks.

    Parameters
    ----------
    name : str
        Its header.
    kind : {"empty", "dates", "counts", "numbers", "places", "codes", "words"}
        What most of its cells are. Codes are few words that repeat; words are all others.
    evidence : str
        Why, without repeating a word of the cells.
    cells : Series of str
        The cells, without blanks around them.
    filled, different : int
        Cells that are not empty, and different ones among them.
    says : frozenset of str
        What the header speaks of (see `casualties.sources.drafting.headers.concepts`).
    dates : Dates, optional
        For dates.
    days : Series of str, optional
        The cells as ISO dates, for dates; empty where a cell is none.
    numbers : Series of Float64, optional
        The cells as numbers, for counts and numbers.
    at_least, ranges : tuple of str
        Patterns of counts that are not plain numbers.
    unknown : tuple of str
        Cells, known words all, that say that there is no date.
    level : str
        For places: governorate or district.
    thousands : str
        For counts: the sign between thousands, where some cells have one.
    """

    name: str
    kind: str
    evidence: str
    cells: pd.Series = field(repr=False)
    filled: int
    different: int
    says: frozenset[str]
    dates: Dates | None = None
    days: pd.Series | None = field(default=None, repr=False)
    numbers: pd.Series | None = field(default=None, repr=False)
    at_least: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    level: str = ""
    thousands: str = ""

    @property
    def all_different(self) -> bool:
        """Whether no two cells are alike and none is empty."""
        return self.different == self.filled == len(self.cells)

    @property
    def brief(self) -> str:
        """The evidence without a first, last, lowest or highest cell, for columns that are about one person each."""
        if self.kind in ("empty", "words", "codes", "places"):
            return self.evidence
        named = {"dates": "dates", "counts": "whole numbers", "numbers": "numbers"}[self.kind]
        return f"{named}, all different" if self.all_different else named


def look(frame: pd.DataFrame) -> list[Column]:
    """Look at every column of a table of text.

    Parameters
    ----------
    frame : DataFrame of str
        The cells as text.

    Returns
    -------
    list of Column
        One a column, in the order of the table.

    Examples
    --------
    >>> table = pd.DataFrame({"Date": ["30/04/2019", "01/05/2019"], "Killed": ["3", "0"], "Name": ["one", "two"]})
    >>> for column in look(table):
    ...     column.name, column.kind, column.evidence
    ('Date', 'dates', '100 % dates dd/mm/yyyy, first 2019-04-30, last 2019-05-01')
    ('Killed', 'counts', 'whole numbers 0–3')
    ('Name', 'words', 'words, all different')
    """
    return [_column(str(name), frame[name].fillna("").str.strip()) for name in frame.columns]


def is_date(cell: str) -> bool:
    """Tell whether a cell has the shape of a date.

    Examples
    --------
    >>> is_date("30 نيسان 2019"), is_date("date")
    (True, False)
    """
    return _dates(pd.Series([1], index=[cell]), dated=False) is not None


def one_of(cell: str, known: Iterable[str]) -> bool:
    """Tell whether a cell is one of some known words, whatever its spelling.

    Examples
    --------
    >>> one_of("N/A", UNKNOWN_WORDS), one_of("غير معروف", UNKNOWN_WORDS), one_of("3", UNKNOWN_WORDS)
    (True, True, False)
    """
    said = plain_words(cell)
    return any(said == plain_words(word) for word in known)


def _column(name: str, cells: pd.Series) -> Column:
    """Say what one column holds."""
    counts = cells[cells != ""].value_counts()
    filled, different, says = int(counts.sum()), len(counts), concepts(name)
    if not filled:
        return Column(name, "empty", "no cell is filled", cells, 0, 0, says)
    found = _dates(counts, dated="date" in says)
    if found is not None:
        dates, iso, unknown = found
        share = float(counts[list(iso)].sum() / filled)
        evidence = f"{_percent(share)} dates {dates.shown}, first {dates.first}, last {dates.last}"
        if unknown:
            evidence += f", {int(counts[list(unknown)].sum()):,} that say there is none"
        days = cells.map(iso).fillna("")
        return Column(name, "dates", evidence, cells, filled, different, says, dates=dates, days=days, unknown=unknown)
    thousands = "" if says & {"lat", "lon"} else _thousands(counts.index)
    number, patterned = _numbers(counts.index, thousands)
    whole = (number.notna() & (number >= 0) & (number == number.round())).fillna(False)
    share = float(counts[whole].sum() / filled)
    if share >= COUNTS and not patterned.all():
        values = cells.map(number.where(whole)).astype("Float64")
        evidence = _counted(values, share, filled, len(cells), int(counts[patterned].sum()))
        said = counts.index[patterned].to_list()
        kept = _used(said, AT_LEAST), _used(said, RANGE)
        return Column(
            *(name, "counts", evidence, cells, filled, different, says),
            numbers=values,
            at_least=kept[0],
            ranges=kept[1],
            thousands=thousands,
        )
    share = float(counts[number.notna()].sum() / filled)
    if share >= COUNTS:
        values = cells.map(number).astype("Float64")
        evidence = f"{_percent(share)} numbers with decimals or below 0"
        if "lat" in says or "lon" in says:
            evidence = f"{_percent(share)} numbers {float(values.min()):g} to {float(values.max()):g}"
        return Column(name, "numbers", evidence, cells, filled, different, says, numbers=values)
    place = _places(counts, says)
    if place is not None:
        level, evidence = place
        return Column(name, "places", evidence, cells, filled, different, says, level=level)
    if different == filled:
        return Column(name, "words", "words, all different", cells, filled, different, says)
    kind = "codes" if different <= FEW and filled >= 2 * different else "words"
    evidence = f"words, {different:,} different in {filled:,} cells"
    return Column(name, kind, evidence, cells, filled, different, says)


def _thousands(cells: pd.Index) -> str:
    """Give the sign that stands between thousands; a point may as well stand before decimals."""
    return next((sign for sign in THOUSANDS if cells.str.fullmatch(rf"\d{{1,3}}(?:{sign}\d{{3}})+").any()), "")


def _numbers(cells: pd.Index, thousands: str = "") -> tuple[pd.Series, pd.Series]:
    """Read different cells as numbers, and tell which of them follow a pattern."""
    if len(cells) > SAMPLE:
        # Words that are different in most rows need not all be read to see that they are no numbers.
        number, patterned = _numbers(pd.Index(sorted(cells)[:: len(cells) // SAMPLE + 1]), thousands)
        if number.notna().mean() < COUNTS / 2:
            return number.reindex(cells), patterned.reindex(cells, fill_value=False)
    read = read_counts(pd.Series(cells, index=cells, dtype="str"), count_words(AT_LEAST, RANGE, "low", thousands))
    sound = read["fault"] == ""
    number = pd.to_numeric(read["number"].where(sound), errors="coerce").astype("Float64")
    return number, sound & (read["patterned"] == "1")


def _counted(values: pd.Series, share: float, filled: int, rows: int, said: int) -> str:
    """Put the evidence for a column of whole numbers in words."""
    parts = [f"whole numbers {int(values.min()):,}–{int(values.max()):,}"]
    if said:
        parts.append(f"{said:,} as “at least” or as a range")
    if share < 1:
        strange = round((1 - share) * filled)
        parts.append(f"{strange:,} cell that is no number" if strange == 1 else f"{strange:,} cells that are no number")
    if filled < rows:
        parts.append(f"{rows - filled:,} empty")
    return ", ".join(parts)


def _percent(share: float) -> str:
    """Give a share as a percentage that says 100 only of all."""
    return "100 %" if share == 1 else f"{min(share * 100, 99.9):.3g} %"


def _used(cells: list[str], forms: tuple[str, ...]) -> tuple[str, ...]:
    """Give the patterns that some of the cells follow, in the order of the vocabulary."""
    text = pd.Series(cells, dtype="str")
    used = []
    for form in forms:
        words = count_words([form]) if form.count("{}") == 1 else count_words(ranges=[form], best="low")
        if (read_counts(text, words)["patterned"] == "1").any():
            used.append(form)
    return tuple(used)


def _dates(counts: pd.Series, dated: bool) -> tuple[Dates, dict[str, str], tuple[str, ...]] | None:
    """Read a column as dates, or say that it is none: formats and order, the day of each cell, words for no date."""
    times = {str(cell): int(number) for cell, number in counts.items()}
    sample = sorted(times)[:: max(1, len(times) // SAMPLE)]
    tried = (*((ISO, *PLAIN, YEAR) if dated else (ISO, *PLAIN)), *(text for pair in EITHER for text in pair))
    hits = {text: _days(sample, text) for text in tried}
    if len({cell for days in hits.values() for cell in days}) < len(sample) / 4:
        return None
    unknown = tuple(sorted(cell for cell in times if len(cell) < 20 and one_of(cell, UNKNOWN_WORDS)))
    cells = [cell for cell in times if cell not in unknown]
    found = {cell: (ISO, day) for cell, day in _days(cells, ISO).items()}
    for text in (*PLAIN, YEAR):
        if hits.get(text):
            found |= {cell: (text, day) for cell, day in _days(cells, text).items() if cell not in found}
    pairs = [pair for pair in EITHER if any(hits[text] for text in pair)]
    ways = [(pair, _days(cells, pair[0]), _days(cells, pair[1])) for pair in pairs]
    day_first = sum(times[cell] for _, one, two in ways for cell in one if cell not in two)
    month_first = sum(times[cell] for _, one, two in ways for cell in two if cell not in one)
    numeric = sum(times[cell] for _, one, two in ways for cell in {**one, **two})
    order = "month first" if month_first else "day first"
    if day_first and month_first:
        order = "mixed"
    elif not day_first + month_first:
        order = "undecided" if numeric else ""
    turned = month_first > day_first
    for pair, one, two in ways:
        found |= {cell: (pair[turned], day) for cell, day in (two if turned else one).items() if cell not in found}
    # Another calendar's years, and two digits that would lie in the future, are no dates of recorded deaths.
    found = {cell: (text, day) for cell, (text, day) in found.items() if _is_possible(text, day)}
    if not found or sum(times[cell] for cell in found) < DATES * sum(times[cell] for cell in cells):
        return None
    tally: dict[str, int] = {}
    for cell, (text, _) in found.items():
        tally[text] = tally.get(text, 0) + times[cell]
    iso = {cell: day for cell, (_, day) in found.items()}
    formats = tuple(sorted(tally, key=lambda text: (-tally[text], text)))
    made = Dates(formats, order, day_first + month_first, numeric, min(iso.values()), max(iso.values()))
    return made, iso, unknown


def _is_possible(text: str, day: str) -> bool:
    return "1900" <= day[:4] <= ("2030" if "%y" in text else "2100")


def _days(cells: list[str], text: str) -> dict[str, str]:
    """Read the cells that a format fits and ISO does not (or ISO alone): the first day that each means."""
    windows = read_windows(pd.Series(cells, dtype="str"), [date_format(text)])["start"].tolist()
    found = {cell: day for cell, day in zip(cells, windows, strict=True) if day}
    return found if text == ISO else {cell: day for cell, day in found.items() if not is_iso(cell)}


def _places(counts: pd.Series, says: frozenset[str]) -> tuple[str, str] | None:
    """Match a column of words to the known areas of Syria, or say that it holds none."""
    words = sorted(str(cell) for cell in counts.index)
    if len(words) > 500 or says & {"name", "personal"}:
        return None
    for level in ("governorate", "district"):
        table = equivalents("syria", level=level)
        found = match_places(words, spellings(table))
        matched = found["match"] != ""
        share = float(counts[found.loc[matched, "name"].tolist()].sum() / counts.sum())
        if share >= PLACES and (matched.mean() >= PLACES):
            areas = found.loc[matched, "match"].nunique()
            evidence = f"{level}s of Syria: {areas} of {len(table)} in {_percent(share)} of the cells"
            return level, evidence
    return None
