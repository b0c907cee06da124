"""A draft of a mapping for a list, of events or of persons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

from casualties.errors import InputError
from casualties.sources.drafting.headers import strangers
from casualties.sources.drafting.look import UNKNOWN_WORDS, Column, one_of
from casualties.sources.drafting.roles import PARTS, STANDING, Sorting
from casualties.sources.drafting.running import mind_totals_by_place
from casualties.sources.lists.dates import ISO
from casualties.sources.lists.words import fold

__all__ = ["draft_list"]

CIVILIANS = ("civilian", "civilians", "civ", "مدني", "مدنيه", "مدنيون", "مدنيين")
COMBATANTS = ("combatant", "fighter", "soldier", "military", "militant", "مقاتل", "عسكري", "مسلح", "جندي")
FEMALE = ("f", "female", "woman", "girl", "انثي", "امراه", "طفله", "سيده")
# What becomes of persons: those of the second kind are no deaths.
KILLED = (
    *("killed", "dead", "died", "death", "deceased", "martyr", "martyred", "fatality", "شهيد", "شهيدة", "قتيل"),
    *("قتيلة", "متوفى", "متوفي", "وفاة", "ميت", "قتل", "استشهد"),
)
LIVING = (
    *("injured", "wounded", "injury", "hurt", "missing", "disappeared", "enforced disappearance", "detained"),
    *("arrested", "kidnapped", "abducted", "survived", "survivor", "alive", "جريح", "جريحة", "جرحى", "مصاب", "مصابة"),
    *("إصابة", "مفقود", "مفقودة", "معتقل", "معتقلة", "مختف", "مخطوف", "مختطف", "ناج"),
)
MALE = ("m", "male", "man", "boy", "ذكر", "رجل", "طفل")
AREAS = ("adm1", "adm2", "place")
ADULT, OLDEST = 18, 120
INFANTS = ("infant", "baby", "newborn", "new born", "neonate", "toddler", "رضيع", "رضيعة", "مولود", "حديث الولادة")
AGE = re.compile(
    r"(<|under |less than )? ?([0-9]{1,3}(?:\.[0-9]+)?) ?(?:y|yrs?|years?|years old|سنة|سنه|سنوات|عام|عاما)?"
)
PART_OF_A_YEAR = re.compile(
    r"<? ?[0-9]{1,3} ?(?:m|mo|months?|weeks?|days?|hours?|شهر|شهور|اشهر|أشهر|يوم|ايام|أيام|اسبوع|أسبوع|أسابيع)"
)
# A column is of sex or standing where most of its words say so; it numbers persons where few numbers stand twice.
MOST, ALMOST_ALL = 0.5, 0.9


def draft_list(work: Sorting, date: Column, last: Column | None, deaths: list[Column]) -> None:
    """Draft a list of events or of persons.

    Parameters
    ----------
    work : Sorting
        The columns; mapping, remarks and doubts are added to it.
    date, last : Column
        The day of the event, and its last day where the list gives two.
    deaths : list of Column
        The columns that could be the deaths; none in a list of persons.
    """
    victims = not deaths and not work.ends()
    work.mapping["rows"] = "victims" if victims else "events"
    work.remarks["rows"] = (
        "no column of numbers tells of deaths, and names, age or sex are of one person: each row is one death"
        if victims
        else "a column of numbers tells of deaths: each row is an event"
    )
    columns: dict[str, str] = {}
    if victims:
        incident = [column for column in work.free("words", "codes", "counts") if column.says == {"incident"}]
        _add(work, columns, "incident", [column for column in incident if not column.all_different], "incident")
    if victims:
        _leave_out_the_living(work)
    numbered = [column for column in work.free("counts", "words", "codes") if _is_id(column, work, victims)]
    _add(work, columns, "id", numbered, "number of the person" if victims else "number of the event")
    columns["date" if last is None else "date_start"] = date.name
    if last is not None:
        columns["date_end"] = last.name
    _areas(work, columns)
    _deaths_of_events(work, columns, deaths)
    work.mapping["columns"] = columns
    if date.dates is not None and date.dates.formats != (ISO,):
        formats = [text for text in date.dates.formats if text != ISO]
        if last is not None and last.dates is not None:
            formats += [text for text in last.dates.formats if text not in (*formats, ISO)]
        work.mapping["dates"] = {"formats": formats}
    unread = sorted(
        column.name for column in work.columns if column.name not in columns.values() and _repeats_an_id(column)
    )
    if unread:
        work.doubts.append(
            f"{unread[0]!r} would number the rows, but some numbers stand on rows that differ, so it is not read. If "
            "these rows are one event or person told twice, correct the file: each is counted."
        )
    unknown = sorted({*date.unknown, *(last.unknown if last is not None else ())})
    if unknown:
        work.mapping.setdefault("dates", {})["unknown"] = unknown
        work.remarks["dates.unknown"] = "words that say that no date is known; these rows go to the ledger"
    if victims:
        _persons(work)
    else:
        _parts(work, deaths)
    who = [column for column in work.free("codes") if "perpetrator" in column.says and column.different > 0]
    perpetrator = work.choose(who, "responsible party, as the list states it")
    if perpetrator is not None:
        work.mapping["carry"] = {"perpetrator": perpetrator.name}
        work.remarks["carry.perpetrator"] = "as the list states it; it is not checked and not counted by"


def _add(work: Sorting, columns: dict[str, str], ours: str, candidates: list[Column], role: str) -> None:
    chosen = work.choose(candidates, role)
    if chosen is not None:
        columns[ours] = chosen.name


def _is_id(column: Column, work: Sorting, victims: bool) -> bool:
    """Tell whether a column numbers the rows; rows that are the same may stand twice under one number."""
    if "id" not in column.says or column.says & {"personal", "name", "age"}:
        return False
    if column.all_different:
        return True
    if strangers(column.name):
        return False
    if victims and column.different >= ALMOST_ALL * len(column.cells):
        if column.filled > column.different:
            work.doubts.append(
                f"{column.name!r} numbers the persons, but {column.filled - column.different:,} of {column.filled:,} "
                "repeat a number: rows that are read alike count once, and of rows that differ none is counted (see "
                "the ledger). If each row is another person, leave id out of [columns]."
            )
        return True
    return _repeats_an_id(column) and _told_alike(column, work)


def _repeats_an_id(column: Column) -> bool:
    """Tell whether a column bears the name of an id, and few of its cells stand twice."""
    return (
        "id" in column.says
        and column.says <= {"id", "count", "incident"}
        and not strangers(column.name)
        and MOST * column.filled <= column.different < column.filled
        and column.filled == len(column.cells)
    )


def _told_alike(column: Column, work: Sorting) -> bool:
    """Tell whether rows under one id are the same in every other cell too."""
    table = pd.DataFrame({number: other.cells for number, other in enumerate(work.columns)})
    return len(table.drop_duplicates()) == column.different


def _leave_out_the_living(work: Sorting) -> None:
    """Have only the killed read of a list of persons of whom some were not: each row would count as one death."""
    for column in work.columns:
        if column.kind not in ("codes", "words") or column.says & {"name", "personal", "place"}:
            continue
        living = _words(column, LIVING)
        if not living or _share(column, (*LIVING, *KILLED)) < MOST:
            continue
        rows = column.cells.isin(living)
        told = f"{int(rows.sum()):,} of {column.filled:,} persons were not killed but injured, missing or held"
        killed = _words(column, KILLED)
        if killed and "only" not in work.mapping:
            work.mapping["only"] = {"column": column.name, "values": killed}
            work.take(column, "killed or not")
            listed = ", ".join(map(repr, killed))
            work.doubts.append(
                f"By {column.name!r}, {told}: only rows that say {listed} are deaths ([only]). Add further words for "
                "the killed there; rows with another word are left out."
            )
            continue
        raise InputError(
            f"{told}, and in a list of persons each row is one death; the first",
            file=work.file,
            row=int(rows.index[rows.to_numpy(dtype=bool)][0]),
            column=column.name,
            value=column.cells[rows].iloc[0],
            remedy="keep only the rows of persons who were killed in a copy of the file, and draft from that",
        )


def _areas(work: Sorting, columns: dict[str, str]) -> None:
    """Find where: areas by their names in the table of Syria's or by the header, places by the header."""
    words = ("places", "codes", "words")
    for ours, level, role in (("adm1", "governorate", "governorate"), ("adm2", "district", "district")):
        named = [column for column in work.free(*words) if ours in column.says and "name" not in column.says]
        matched = [column for column in named if column.level == level]
        bare = [column for column in work.free("places") if column.level == level and "place" not in column.says]
        _add(work, columns, ours, matched or named or bare, role)
    _add(work, columns, "place", [column for column in work.free(*words) if "place" in column.says], "place")
    areas = [columns[ours] for ours in ("adm1", "adm2") if ours in columns]
    if any(column.kind == "places" and column.name in areas for column in work.columns):
        work.mapping["gazetteer"] = "syria"
        work.remarks["gazetteer"] = "names of areas match the table of Syria's governorates and districts"
    for ours, most, role in (("lat", 90, "latitude"), ("lon", 180, "longitude")):
        fitting = [
            column
            for column in work.free("numbers", "counts")
            if ours in column.says and column.numbers is not None and bool((column.numbers.abs() <= most).all())
        ]
        _add(work, columns, ours, fitting, role)
    for ours, role in (("side_a", "one side"), ("side_b", "other side")):
        _add(work, columns, ours, [column for column in work.free("words", "codes") if ours in column.says], role)


def _deaths_of_events(work: Sorting, columns: dict[str, str], deaths: list[Column]) -> None:
    """Name the columns of deaths: best, low and high, and who the dead were."""
    ends = work.ends()
    if not deaths and not ends:
        return
    chosen = work.choose(_dominating(work, deaths), "deaths") if deaths else None
    if chosen is not None:
        columns["best"] = chosen.name
        where = [column for column in work.columns if column.name in {columns.get(ours) for ours in AREAS}]
        when = next(
            column for column in work.columns if column.name in (columns.get("date"), columns.get("date_start"))
        )
        doubt = mind_totals_by_place(chosen, when, where, work.file)
        work.doubts += [doubt] if doubt else []
        if "running" in chosen.says:
            work.doubts.append(
                f"The header {chosen.name!r} speaks of a running total, but the rows are no daily reports: its numbers "
                "are taken as new deaths of each row."
            )
    for ours, other, role in (("low", "high", "lowest estimate"), ("high", "low", "highest estimate")):
        _add(work, columns, ours, [column for column in ends if ours in column.says and other not in column.says], role)
    estimates: dict[str, Any] = {}
    if chosen is None and columns.keys() & {"low", "high"}:
        estimates["best"] = "low" if "low" in columns else "high"
        work.remarks["estimates.best"] = f"no column is a best estimate: the {estimates['best']} one is taken"
        work.doubts.append(
            f"No column is a best estimate of the deaths: the {estimates['best']} one is taken ([estimates] best)."
        )
    for concept, ours in STANDING.items():
        fitting = [column for column in work.free("counts") if concept in column.says]
        fitting = [column for column in fitting if not column.says & {"injured", "low", "high", "running"}]
        role = {"deaths_a": "combatants among the dead", "unknown": "dead of unknown status"}.get(
            ours, "civilians among the dead"
        )
        _add(work, columns, ours, fitting, role)
    if "deaths_a" in columns:
        work.remarks["columns.deaths_a"] = "fighters of whichever side: the list does not tell the sides apart"
    taken = [column for column in work.columns if column.name in columns.values()]
    at_least = list(dict.fromkeys(text for column in taken for text in column.at_least))
    ranges = list(dict.fromkeys(text for column in taken for text in column.ranges))
    if ranges:
        estimates |= {"best": estimates.get("best", "low"), "range": ranges}
        work.remarks["estimates.best"] = "a range has no best estimate of its own: its low end is taken"
        work.doubts.append("Some numbers are ranges: the low end is taken for the best estimate ([estimates] best).")
    signed = [column for column in taken if column.thousands]
    if signed:
        column, sign = signed[0], signed[0].thousands
        estimates["thousands"] = sign
        cell = column.cells[column.cells.str.contains(sign, regex=False)].iloc[0]
        work.doubts.append(
            f"{column.name!r} has cells such as {cell!r}: {sign!r} is taken for the sign between thousands "
            "([estimates] thousands). If it stands before decimals, the numbers are no deaths."
        )
    if at_least:
        estimates["at_least"] = at_least
        work.remarks["estimates.at_least"] = "a least number is taken for the best estimate, and has no high"
    if estimates:
        work.mapping["estimates"] = estimates


def _dominating(work: Sorting, deaths: list[Column]) -> list[Column]:
    """Where one column is never below the others it may be their total: it is taken, and that is a doubt."""
    best = min(strangers(column.name) for column in deaths)
    equal = [column for column in deaths if strangers(column.name) == best]
    if len(equal) < 2:
        return equal
    for column in sorted(equal, key=lambda one: one.name):
        others = [other for other in equal if other is not column]
        if all(_never_below(column, other) for other in others):
            names = " and ".join(repr(other.name) for other in others)
            work.doubts.append(
                f"Two columns or more could be the deaths: {column.name!r}, which is never below the other, is "
                f"taken; {names} would do as well."
            )
            return [column]
    return equal


def _parts(work: Sorting, deaths: list[Column]) -> None:
    """Name the parts of the dead that a list of events counts."""
    parts: dict[str, str] = {}
    for ours in PARTS:
        fitting = [column for column in work.free("counts") if ours in column.says and column not in deaths]
        fitting = [column for column in fitting if not column.says & {"injured", "age", "running", "low", "high"}]
        _add(work, parts, ours, fitting, f"{ours} among the dead")
    if parts:
        work.mapping["breakdown"] = parts


def _persons(work: Sorting) -> None:
    """Name who the dead were in a list of persons: status, sex and age."""
    breakdown: dict[str, Any] = {}
    coded = [column for column in work.free("codes", "words") if not column.says & {"name", "personal", "place"}]
    sexed = [column for column in coded if _share(column, (*FEMALE, *MALE)) >= MOST]
    sex = work.choose(sexed, "sex", lambda column: ("sex" not in column.says, strangers(column.name)))
    if sex is not None:
        women = _words(sex, FEMALE)
        if women:
            breakdown["female"] = {"column": sex.name, "values": women}
            work.remarks["breakdown.female"] = "women and girls, by the words for them in this column"
    ages = [column for column in work.free("counts", "words", "codes") if "age" in column.says and _is_age(column)]
    age = work.choose(ages, "age")
    if age is not None:
        years = {cell: _years(cell) for cell in age.cells.unique() if cell}
        strange = age.cells[age.cells.isin([cell for cell in years if years[cell] is None])]
        strange = strange[~strange.isin(_words(age, UNKNOWN_WORDS))]
        if len(strange):
            one = len(strange) == 1
            work.doubts.append(
                f"{len(strange):,} of {age.filled:,} cells of {age.name!r} {'is' if one else 'are'} no age "
                f"that is understood (the first: row {int(strange.index[0]):,}); "
                f"{'this person counts as no child' if one else 'these persons count as no children'}. If "
                "some are, add their words to children in [breakdown]."
            )
        minors = sorted(
            (cell for cell, year in years.items() if year is not None and year < ADULT),
            key=lambda cell: (len(cell), cell),
        )
        if minors:
            breakdown["children"] = {"column": age.name, "values": minors}
            work.remarks["breakdown.children"] = f"ages below {ADULT}; a person without an age counts as no child"
    stated = [column for column in coded if column is not sex and _share(column, (*CIVILIANS, *COMBATANTS)) > 0]
    status = work.choose(
        [column for column in stated if "status" in column.says or _share(column, (*CIVILIANS, *COMBATANTS)) >= MOST],
        "who the dead were: civilian or combatant",
    )
    if status is not None:
        told = {"civilians": _words(status, CIVILIANS), "combatants": _words(status, COMBATANTS)}
        work.mapping["classes"] = {"column": status.name, **{name: words for name, words in told.items() if words}}
        share = _share(status, (*CIVILIANS, *COMBATANTS))
        work.remarks["classes.column"] = f"{share:.0%} of its cells".replace("%", " %") + (
            " say civilian or combatant; the others count as of unknown status"
        )
    if breakdown:
        work.mapping["breakdown"] = breakdown


def _never_below(column: Column, other: Column) -> bool:
    if column.numbers is None or other.numbers is None:
        return False
    both = column.numbers.notna() & other.numbers.notna()
    one, two = column.numbers[both], other.numbers[both]
    return bool((one >= two).all()) and not bool((one == two).all())


def _is_age(column: Column) -> bool:
    """Tell whether most cells are ages; words such as infant or "3 months" may stand among them."""
    if column.numbers is not None:
        return bool((column.numbers.dropna() <= OLDEST).all())
    filled = column.cells[(column.cells != "") & ~column.cells.isin(_words(column, UNKNOWN_WORDS))]
    read = {cell: _years(cell) for cell in filled.unique()}
    return bool(len(filled)) and float(filled.map(lambda cell: read[cell] is not None).mean()) >= MOST


def _years(cell: str) -> float | None:
    """Read an age in years; part of a year is 0, as is a word for a small child."""
    text = fold(cell)
    if one_of(cell, INFANTS) or PART_OF_A_YEAR.fullmatch(text):
        return 0
    match = AGE.fullmatch(text)
    return None if match is None or float(match[2]) > OLDEST else float(match[2]) - bool(match[1])


def _words(column: Column, known: Iterable[str]) -> list[str]:
    """Give the cells of a column that are words of a vocabulary, as they are written."""
    listed = list(known)
    cells = (str(cell) for cell in column.cells.unique() if cell and len(cell) < 40)
    return sorted(cell for cell in cells if one_of(cell, listed))


def _share(column: Column, known: Iterable[str]) -> float:
    """Give the share of the filled cells that are words of a vocabulary; words for "not known" do not count."""
    if column.different > 200:
        return 0.0
    filled = column.cells[column.cells != ""]
    silent = _words(column, UNKNOWN_WORDS)
    told = filled[~filled.isin(silent)]
    return float(told.isin(_words(column, known)).mean()) if len(told) else 0.0
