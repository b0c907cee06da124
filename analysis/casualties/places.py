"""Names of places: a key under which spellings of one name meet, and matching that never guesses between two places."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import pandas as pd

from casualties.errors import InputError, UnknownNameError

__all__ = ["equivalents", "folded_spellings", "match_places", "place_key", "place_level", "spellings"]

GAZETTEER = Path(__file__).resolve().parent / "gazetteer"
LEVELS = ("governorate", "district", "subdistrict", "settlement")
MATCHES = ("name", "match", "key", "how", "alternatives")
NAMED = ("adm1", "adm2", "place")
FOLDED = ("column", "area", "key", "name", "events", "deaths")

# Words that say what kind of place it is, by the level they state.
TYPE_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("governorate", "province", "muhafazat", "muhafazah", "mohafazat", "محافظه"), "governorate"),
    **dict.fromkeys(("district", "mintaqat", "mantiqat", "qada", "قضاء", "منطقه"), "district"),
    **dict.fromkeys(("subdistrict", "nahiya", "nahiyah", "nahiyat", "nahia", "ناحيه"), "subdistrict"),
    **dict.fromkeys(("city", "town", "village", "qaryat", "madinat", "مدينه", "بلده", "قريه"), "settlement"),
}
# An article counts only before the letter that it takes: "as" before "Safirah", not before "Bab".
ARTICLES: Mapping[str, str] = {
    **dict.fromkeys(("al", "el", "ul"), ""),
    **{vowel + letter: letter for vowel in "ae" for letter in ("r", "s", "sh", "t", "th", "n", "d", "dh", "z")},
}
# The first words that hundreds of villages share, in the spellings met in reports.
COMMON_WORDS: Mapping[str, str] = {
    spelling: word
    for word, listed in {
        "tal": "tall tal tell tel",
        "dayr": "dayr deir dair deyr der",
        "kafr": "kafr kafar kefr kfar kafer kefar",
        "jabal": "jabal jebel jabel jbel gebel djebel",
        "shaykh": "shaykh sheikh shaikh sheik shekh cheikh sheykh shikh",
        "um": "umm um oum om omm",
        "khirbat": "khirbat khirbet kherbet kherbat khurbat khirba khirbah khirbeh",
        "ayn": "ayn ain ein eyn",
        "bayt": "bayt beit bait beyt bet",
        "qalat": "qalat qalaat qalet kalaat qalaet",
        "marat": "maarat maarrat maaret maarret marat marrat maret",
        "tulul": "tulul tlul tuloul tloul",
        "zur": "zawr zor zour zur",
    }.items()
    for spelling in listed.split()
}
LETTERS = str.maketrans(
    {
        "š": "sh",
        "ş": "sh",
        "ḫ": "kh",
        "ẖ": "kh",
        "ġ": "gh",
        "ğ": "gh",
        "ḏ": "dh",
        "ẓ": "z",
        "ṯ": "th",
        "ǧ": "j",
        "č": "ch",
        "ç": "ch",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
    }
)
MARKS = re.compile("['`´ʹʻʼʽʾʿˈ‘’‛′]")  # ayn, hamza and apostrophes
ARABIC_LETTERS = str.maketrans({"ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ء": None, "ـ": None})
SUBDISTRICT = re.compile(r"\bsub[\s\-‐‑–]+district\b")
# In this order: consonants, then vowels, then the ends of words.
FOLDS = tuple(
    (re.compile(pattern), into)
    for pattern, into in (
        (r"tch|ch", "sh"),
        (r"dj", "j"),
        (r"dh", "z"),
        (r"c", "k"),
        (r"ou|oo", "u"),
        (r"ee", "i"),
        (r"o", "u"),
        (r"(.)\1+", r"\1"),
        (r"(?:iye|iya|ie|ia)h?$", "iya"),
        (r"[ae]h?$", "a"),
        (r"[ae][iy](?![aeiu])", "ay"),
        (r"uw(?=[aeiu])", "w"),
        (r"au(?![aeiu])", "aw"),
        (r"e", "i"),
        (r"(?<=[^aeiuy])y$", "i"),
        (r"(.)\1+", r"\1"),
    )
)


@lru_cache(maxsize=65536)
def place_key(name: str) -> str:
    """Give the key under which spellings of one name meet; it is for matching only, never for print.

    Parameters
    ----------
    name : str
        A name in Latin or Arabic letters.

    Returns
    -------
    str
        Letters and digits without spaces; empty where the name holds no letter or digit.

    Notes
    -----
    Arabic: composed and decomposed hamza, forms of alif, taa marbuta and haa, alif maqsura and yaa, tatweel, vowel
    signs, presentation forms and the article fall together. Latin: marks for ayn and hamza, accents, the article
    before its letter, ``ou/oo/o/u``, ``ee/e/i``, ``ei/ai/ay``, ``dh/z``, ``ch/sh``, doubled letters, a final
    ``-a/-ah/-eh``, and the usual spellings of Tall, Deir, Kafr, Jabal, Sheikh, Umm and their like. Words for the kind
    of place (governorate, district, village, محافظة) are left out; `place_level` keeps what they say.

    Kept apart although some writers mix them: ``q`` and ``k``, ``gh`` and ``g``, ``d`` and ``dh``, ``a`` and ``e``
    inside a word, a masculine and a feminine name (Hamidi, Hamidiyah), a name and its other half (Tadmur,
    Tadmur/Palmyra). The key of an Arabic name never equals the key of a Latin one,
    as Arabic leaves out short vowels: `spellings` joins the two scripts.

    An equal key means an equal name, not one place: Syria has many villages of one name. `match_places` therefore
    takes the area, and reports a tie where the area does not decide.

    Examples
    --------
    >>> place_key("Tal Rifaat town") == place_key("Tell Rif'at")
    True
    >>> place_key("محافظة إدلب") == place_key("ادلب")
    True
    >>> place_key("Deir Hassan"), place_key("Deir Hafer")
    ('dayrhasan', 'dayrhafir')
    """
    words = _words(name)
    kept = _without_types(words)
    folded = [_fold(word) for word in _without_articles(kept)]
    return "".join(folded)


def place_level(name: str) -> str:
    """Give the level that a name states of itself.

    Parameters
    ----------
    name : str
        A name in Latin or Arabic letters.

    Returns
    -------
    str
        ``"governorate"``, ``"district"``, ``"subdistrict"``, ``"settlement"`` (city, town, village), or ``""`` where
        the name does not say.

    Examples
    --------
    >>> place_level("Tartus Governorate"), place_level("مدينة طرطوس"), place_level("Tartus")
    ('governorate', 'settlement', '')
    """
    words = _words(name)
    kept = _without_types(words)
    if len(kept) == len(words):
        return ""
    # "Mintaqat Azaz district" says it twice; the last word decides in Latin names, the first in Arabic ones.
    stated = [TYPE_WORDS[word] for word in words if word in TYPE_WORDS]
    return stated[0] if _is_arabic(words[0]) else stated[-1]


def match_places(
    names: Iterable[object],
    candidates: Iterable[str] | pd.DataFrame,
    *,
    within: str | Iterable[str] | None = None,
) -> pd.DataFrame:
    """Match names of places to known ones; where two places would do, say so and choose neither.

    Parameters
    ----------
    names : iterable of str
        The names to match; empty ones and missing ones match nothing.
    candidates : iterable of str, or DataFrame
        The known names, each a place of its own. As a DataFrame: ``name``, and where they are known ``place`` (what
        the name is a spelling of, else the name itself), ``area`` (what the place lies in) and ``level``.
    within : str or iterable of str, optional
        The area in which a name is to be looked for: one for all, or one for each name (empty: anywhere). Areas are
        compared by key and level, so ``"Idleb"`` finds ``"Idlib Governorate"``, in one script. A place whose area is
        not known is in none.

    Returns
    -------
    DataFrame
        One row a name, in the order given: ``name``; ``match`` (the place, empty where there is none or a tie);
        ``key``; ``how``: ``"exact"`` (the same characters), ``"key"``, ``"none"`` or ``"tie"``; ``alternatives``
        (tuple of the places that would do besides the match, in alphabetical order, with the area in brackets where
        one is known). Names that state different levels, as a governorate and its town do, never match.

    Raises
    ------
    InputError
        If the candidates lack a column that is needed, or there is not one area for each name.

    Examples
    --------
    >>> found = match_places(["Tell Rifat", "Souran", "Homs"], ["Tall Rifaat town", "Suran town", "Soran", "Hamah"])
    >>> found[["name", "match", "how", "alternatives"]]
             name             match   how         alternatives
    0  Tell Rifat  Tall Rifaat town   key                   ()
    1      Souran                     tie  (Soran, Suran town)
    2        Homs                    none                   ()
    """
    wanted = [name if isinstance(name, str) else "" for name in names]
    areas = _areas(within, len(wanted))
    known = _candidates(candidates, needs_area=any(areas))
    by_name: dict[str, list[_Known]] = {}
    by_key: dict[str, list[_Known]] = {}
    for one in known:
        by_name.setdefault(_composed(one.name), []).append(one)
        by_key.setdefault(one.key, []).append(one)
    asked = list(zip(wanted, areas, strict=True))
    answers = {(name, area): _match(name, area, by_name, by_key) for name, area in dict.fromkeys(asked)}
    rows = [answers[pair] for pair in asked]
    return pd.DataFrame(rows, columns=pd.Index(MATCHES))


def equivalents(country: str, *, level: str | None = None) -> pd.DataFrame:
    """Give the table of spellings of a country's first and second level areas.

    Parameters
    ----------
    country : str
        ``"syria"``.
    level : str, optional
        ``"governorate"`` or ``"district"``; both where it is not given.

    Returns
    -------
    DataFrame
        ``level``; ``pcode`` (of the governorates; empty for districts, which were not checked); ``within``; ``name``
        (English); ``arabic``; ``ucdp`` (as the UCDP event dataset writes it; empty where its Syria file names none);
        ``others`` (further spellings, joined by ``;``). Empty text where something is not known for sure.

    Raises
    ------
    UnknownNameError
        If there is no table for the country, or no such level.

    Examples
    --------
    >>> table = equivalents("syria", level="governorate")
    >>> len(table), table.loc[table["pcode"] == "SY05", ["name", "arabic", "ucdp"]].to_numpy().tolist()
    (14, [['Hama', 'حماة', 'Hamah Governorate']])
    """
    tables = sorted(file.stem for file in GAZETTEER.glob("*.csv"))
    if country not in tables:
        raise UnknownNameError("country", country, tables)
    table = pd.read_csv(GAZETTEER / f"{country}.csv", comment="#", dtype=str, keep_default_na=False, encoding="utf-8")
    if level is None:
        return table
    levels = list(dict.fromkeys(table["level"]))
    if level not in levels:
        raise UnknownNameError("level", level, levels)
    return table[table["level"] == level].reset_index(drop=True)


def spellings(table: pd.DataFrame) -> pd.DataFrame:
    """Lay out a table of equivalents as candidates for `match_places`: one row a spelling.

    Parameters
    ----------
    table : DataFrame
        As `equivalents` gives it.

    Returns
    -------
    DataFrame
        ``name, place, area, level``: every spelling, in every script, of the English name in ``place``.

    Examples
    --------
    >>> known = spellings(equivalents("syria", level="governorate"))
    >>> match_places(["Dayr az-Zawr", "محافظة حماه", "Rif Dimashq"], known)["match"].tolist()
    ['Deir ez-Zor', 'Hama', 'Rural Damascus']
    """
    rows = []
    for row in table.to_dict("records"):
        listed = [row["name"], row["arabic"], row["ucdp"], *row["others"].split(";")]
        rows += [(name, row["name"], row["within"], row["level"]) for name in dict.fromkeys(listed) if name]
    return pd.DataFrame(rows, columns=pd.Index(["name", "place", "area", "level"]))


def folded_spellings(events: pd.DataFrame, columns: Iterable[str] | None = None) -> pd.DataFrame:
    """Find names of places that are spelled in several ways and may be one place: a caution, never a correction.

    Parameters
    ----------
    events : DataFrame
        `Events.accepted`, or any table with columns of names.
    columns : iterable of str, optional
        The columns to look at; without it those of ``adm1``, ``adm2`` and ``place`` that are there. Names of a column
        are compared within the same area of the first column, as villages far apart share a name.

    Returns
    -------
    DataFrame
        One row a spelling, those that fold together beneath each other, the most frequent first: ``column``, ``area``
        (empty for the first column), ``key`` (see `place_key`), ``name``, ``events`` and ``deaths`` (best; NA where
        the table has none). Names that state different levels (a governorate, a town) are kept apart.

    Raises
    ------
    UnknownNameError
        If a column that is named is not there.

    Examples
    --------
    >>> table = pd.DataFrame({"adm1": ["Idlib", "Idleb", "Hama", "Idlib"], "best": [1, 2, 3, 4]})
    >>> folded_spellings(table)[["name", "events", "deaths"]].to_numpy().tolist()
    [['Idlib', 2, 5], ['Idleb', 1, 2]]
    """
    if columns is None:
        listed = [name for name in NAMED if name in events]
    else:
        listed = list(dict.fromkeys([columns] if isinstance(columns, str) else columns))
        for name in listed:
            if name not in events:
                raise UnknownNameError("columns", name, [str(known) for known in events])
    parts = []
    for column in listed:
        counted = pd.DataFrame(
            {
                "area": "" if column == listed[0] else events[listed[0]].fillna("").astype("str"),
                "name": events[column].fillna("").astype("str").map(_composed),
                "deaths": events["best"].astype("Int64") if "best" in events else pd.NA,
            }
        )
        grouped = counted[counted["name"] != ""].groupby(["area", "name"], sort=False)["deaths"]
        table = pd.DataFrame({"events": grouped.size(), "deaths": grouped.sum(min_count=1)}).reset_index()
        table["area_key"] = table["area"].map(place_key)
        table["key"], table["level"] = table["name"].map(place_key), table["name"].map(place_level)
        # A name that states no level is set beside those of a level only where that is the only one.
        group = table[table["key"] != ""].groupby(["area_key", "key"], sort=False)
        several = group["level"].transform(lambda stated: len(set(stated) - {""}) > 1)
        table["apart"] = table["level"].where(several.reindex(table.index, fill_value=False), "")
        names = table.groupby(["area_key", "key", "apart"], sort=False)["name"].transform("nunique")
        parts.append(table[(names > 1) & (table["key"] != "")].assign(column=column))
    if not parts:
        return pd.DataFrame(columns=pd.Index(FOLDED))
    found = pd.concat(parts, ignore_index=True)
    found["order"] = found["column"].map(listed.index)
    found = found.sort_values(
        ["order", "area_key", "key", "apart", "events", "name"], ascending=[True, True, True, True, False, True]
    )
    return found[list(FOLDED)].reset_index(drop=True)


class _Known:
    """A known name: the place it means, where that lies, and what it is matched by."""

    __slots__ = ("area", "area_key", "key", "level", "name", "place")

    def __init__(self, name: str, place: str, area: str, level: str) -> None:
        self.name, self.place, self.area = name, place, area
        self.key = place_key(name)
        self.area_key = place_key(area)
        self.level = level or place_level(name)

    @property
    def label(self) -> str:
        """The place, with its area where one is known."""
        return f"{self.place} ({self.area})" if self.area else self.place


def _match(
    name: str, area: str, by_name: Mapping[str, list[_Known]], by_key: Mapping[str, list[_Known]]
) -> tuple[str, str, str, str, tuple[str, ...]]:
    """Match one name: among the known names that are the same text first, then among those of the same key."""
    key, level = place_key(name), place_level(name)
    if not key:
        return name, "", key, "none", ()
    same_key = [one for one in by_key.get(key, ()) if _agree(level, one.level) and _inside(one, area)]
    same_text = [one for one in by_name.get(_composed(name), ()) if _inside(one, area)]
    places = {(one.place, one.area, one.level): one.label for one in same_key + same_text}
    for how, found in (("exact", same_text), ("key", same_key)):
        identities = {(one.place, one.area, one.level) for one in found}
        if len(identities) == 1:
            rest = {label for identity, label in places.items() if identity not in identities}
            return name, found[0].place, key, how, tuple(sorted(rest))
        if identities:
            return name, "", key, "tie", tuple(sorted(places.values()))
    return name, "", key, "none", ()


def _agree(one: str, other: str) -> bool:
    """Tell whether two stated levels can be those of one place: a level that is not stated agrees with any."""
    return not one or not other or one == other


def _inside(known: _Known, area: str) -> bool:
    """Tell whether a known name lies in an area; an empty area holds everything."""
    return not area or (known.area_key == place_key(area) and _agree(place_level(known.area), place_level(area)))


def _areas(within: str | Iterable[str] | None, number: int) -> list[str]:
    """Give one area for each name."""
    if within is None or isinstance(within, str):
        return [within or ""] * number
    areas = [area if isinstance(area, str) else "" for area in within]
    if len(areas) != number:
        raise InputError(
            f"there are {number} names and {len(areas)} areas",
            column="within",
            remedy="give one area, or one for each name",
        )
    return areas


def _candidates(candidates: Iterable[str] | pd.DataFrame, *, needs_area: bool) -> list[_Known]:
    """Read the known names, each spelling of a place once."""
    if not isinstance(candidates, pd.DataFrame):
        candidates = pd.DataFrame({"name": pd.Series(list(candidates), dtype=object)})
    for column in ("name", "area") if needs_area else ("name",):
        if column not in candidates:
            raise InputError("the candidates lack the column", column=column, remedy="add it, or leave out within")
    texts = {
        column: candidates[column].astype(object).where(candidates[column].notna(), "").astype(str)
        for column in ("name", "place", "area", "level")
        if column in candidates
    }
    blank = [""] * len(candidates)
    rows = zip(
        texts["name"],
        texts.get("place", texts["name"]),
        texts.get("area", blank),
        texts.get("level", blank),
        strict=True,
    )
    return [_Known(name, place or name, area, level) for name, place, area, level in dict.fromkeys(rows)]


def _composed(name: str) -> str:
    """Give a name as one sequence of characters however its marks are stored."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _words(name: str) -> list[str]:
    """Split a name into plain words: no case, no marks, one form of each letter."""
    # Marks go first: a free-standing accent, normalised, would split the word that it stands in.
    text = unicodedata.normalize("NFKC", MARKS.sub("", name)).casefold().translate(LETTERS)
    text = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    text = SUBDISTRICT.sub("subdistrict", text.translate(ARABIC_LETTERS))
    text = "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)
    # Format characters (joiners, direction marks) stand inside words and split none.
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return re.findall(r"[^\W_]+", text)


def _without_types(words: list[str]) -> list[str]:
    """Leave out the words that say what kind of place it is, unless nothing else is there."""
    kept, of = [], False
    for position, word in enumerate(words):
        # An Arabic word for the kind of place stands in front; further inside it is part of the name.
        is_type = word in TYPE_WORDS and not (_is_arabic(word) and position)
        if not is_type and not (of and word == "of"):
            kept.append(word)
        of = is_type
    return kept or words


def _without_articles(words: list[str]) -> list[str]:
    """Leave out the articles that stand before a word, and the one that Arabic writes joined to it."""
    kept = []
    for position, word in enumerate(words):
        following = words[position + 1] if position + 1 < len(words) else ""
        if following and word in ARTICLES and following.startswith(ARTICLES[word]):
            continue
        # Two letters at least must remain: in a shorter word the letters belong to the root.
        kept.append(word[2:] if word.startswith("ال") and len(word) > 3 else word)
    return kept


def _fold(word: str) -> str:
    """Bring the spellings of one word to one form."""
    if _is_arabic(word):
        return word
    word = COMMON_WORDS.get(word, word)
    for pattern, into in FOLDS:
        word = pattern.sub(into, word)
    return word


def _is_arabic(word: str) -> bool:
    """Tell whether a word is written in Arabic letters."""
    return "؀" <= word[:1] <= "ۿ"
