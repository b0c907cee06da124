"""What the words of a column's header say, in English and Arabic: a vocabulary, and no look at the cells."""

from __future__ import annotations

from collections.abc import Mapping

from casualties.sources.lists.words import plain_word, plain_words

__all__ = ["CONCEPTS", "concepts", "plain_word", "plain_words", "strangers"]

# Each concept by its words; a phrase in a tuple counts only where all of its words stand in the header.
CONCEPTS: Mapping[str, tuple[str | tuple[str, ...], ...]] = {
    "date": ("date", "dates", "day", "dated", "when", "تاريخ", "يوم"),
    "from": ("from", "start", "starts", "begin", "began", "since", "بدايه", "بدء", "من"),
    "to": ("to", "end", "ends", "until", "till", "نهايه", "انتهاء", "الي", "حتي"),
    "report": (
        *("report", "reported", "published", "publication", "source", "entry", "entered", "recorded", "updated"),
        *("modified", "timestamp", "created", "accessed", "documented", "document", "تقرير", "نشر", "تسجيل", "توثيق"),
        *("تحديث", "ادخال"),
    ),
    "birth": ("birth", "born", "dob", "birthday", "ميلاد", "ولاده", "مواليد"),
    "deaths": (
        *("death", "deaths", "dead", "died", "killed", "kills", "killing", "killings", "fatality", "fatalities"),
        *("victim", "victims", "martyr", "martyrs", "قتلي", "قتيل", "شهداء", "شهيد", "ضحايا", "ضحيه", "وفيات", "وفاه"),
        *("استشهاد", "مقتل", "قتل", "متوفين"),
    ),
    "injured": ("injured", "injuries", "injury", "wounded", "wounds", "جرحي", "جريح", "مصابين", "مصاب", "اصابات"),
    "women": ("women", "woman", "female", "females", "نساء", "امراه", "اناث", "سيدات"),
    "men": ("men", "man", "male", "males", "رجال", "ذكور"),
    "children": ("children", "child", "kids", "minors", "اطفال", "طفل", "قاصرين"),
    "civilians": ("civilian", "civilians", "مدني", "مدنيين", "مدنيون", "مدنيه"),
    "combatants": (
        *("combatant", "combatants", "fighter", "fighters", "military", "soldiers", "militants", "مقاتل", "مقاتلين"),
        *("عسكري", "عسكريين", "مسلحين"),
    ),
    "medical": ("medical", "med", "medics", "doctors", "paramedics", "طبي", "طبيه", "مسعفين", "اطباء"),
    "press": ("press", "media", "journalist", "journalists", "صحفي", "صحفيين", "اعلاميين"),
    "unknown": ("unknown", "unidentified", "مجهول", "مجهولين"),
    "low": ("low", "lower", "min", "minimum", "least", "ادني", "اقل"),
    "high": ("high", "higher", "upper", "max", "maximum", "most", "اعلي", "اقصي", "اكثر"),
    "best": ("best", "estimate", "تقدير"),
    "running": ("cum", "cumulative", "cumul", "running", ("to", "date"), ("so", "far"), "تراكمي", "تراكميه"),
    "total": ("total", "totals", "all", "sum", "overall", "اجمالي", "مجموع", "كلي"),
    "new": ("new", "daily", "جديد", "جديده", "يومي", "يوميه"),
    "count": ("number", "num", "no", "nr", "n", "count", "figure", "عدد"),
    "name": ("name", "names", "surname", "fullname", "اسم", "اسماء", "كنيه", "لقب"),
    "age": ("age", "ages", "عمر", "سن"),
    "sex": ("sex", "gender", "جنس"),
    "adm1": ("governorate", "province", "admin1", "adm1", ("adm", "1"), ("admin", "1"), "region", "محافظه"),
    "adm2": ("district", "admin2", "adm2", ("adm", "2"), ("admin", "2"), "county", "قضاء", "منطقه"),
    "place": (
        *("place", "city", "town", "village", "location", "locality", "site", "neighbourhood", "neighborhood"),
        *("settlement", "camp", "مدينه", "مكان", "بلده", "قريه", "موقع", "حي", "مخيم"),
    ),
    "lat": ("lat", "latitude", ("خط", "عرض")),
    "lon": ("lon", "lng", "long", "longitude", ("خط", "طول")),
    "id": ("id", "ref", "reference", "serial", "index", "code", "no", "nr", "number", "رقم", "معرف", "تسلسل", "مسلسل"),
    "incident": ("incident", "event", "attack", "massacre", "حادثه", "حادث", "حدث", "مجزره", "هجوم"),
    "status": ("status", "class", "category", "type", "صفه", "حاله", "فئه", "نوع"),
    "perpetrator": ("perpetrator", "perpetrators", "responsible", "responsibility", "مسؤول", "مسؤوله", "فاعل", "مرتكب"),
    "side_a": (("side", "a"), ("side", "1"), ("actor", "a"), ("actor", "1"), "actor1", ("party", "a"), ("party", "1")),
    "side_b": (("side", "b"), ("side", "2"), ("actor", "b"), ("actor", "2"), "actor2", ("party", "b"), ("party", "2")),
    "week": ("week", "weeks", "weekly", "اسبوع", "اسبوعي"),
    "period": ("period", "hours", "ساعات", "فتره"),
    "personal": (
        *("national", "passport", "phone", "mobile", "telephone", "address", "father", "mother", "spouse", "وطني"),
        *("هويه", "هاتف", "جوال", "عنوان", "والد", "والده", "اب", "ام", "زوج", "زوجه"),
    ),
}  # fmt: skip


def concepts(header: str) -> frozenset[str]:
    """Give what a header speaks of.

    Parameters
    ----------
    header : str
        The name of a column.

    Returns
    -------
    frozenset of str
        Keys of `CONCEPTS`; empty where no word is known.

    Examples
    --------
    >>> sorted(concepts("عدد القتلى")), sorted(concepts("ext_killed_women_cum"))
    (['count', 'deaths'], ['deaths', 'running', 'women'])
    """
    words = set(plain_words(header))
    return frozenset(concept for concept, forms in _FORMS.items() if any(words.issuperset(form) for form in forms))


def strangers(header: str) -> int:
    """Count the words of a header that no concept knows: the fewer, the surer what the column is.

    Examples
    --------
    >>> strangers("killed"), strangers("ext_killed")
    (0, 1)
    """
    return sum(word not in _KNOWN for word in plain_words(header))


def _form(form: str | tuple[str, ...]) -> tuple[str, ...]:
    """Give a word or a phrase of the vocabulary in the plain form in which headers are compared."""
    return tuple(plain_word(word) for word in ((form,) if isinstance(form, str) else form))


_FORMS = {concept: tuple(_form(form) for form in forms) for concept, forms in CONCEPTS.items()}
_SMALL = {"of", "the", "in", "people", "persons", "person", "في", "علي", "اشخاص"}
_KNOWN = {word for forms in _FORMS.values() for form in forms for word in form} | _SMALL
