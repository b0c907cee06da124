"""The sentence of a verdict in Arabic.

Digits are those that are used in the west of the Arab world and in most data of the region's organisations, so that a
number reads the same in the table and in the sentence; months bear both names, as United Nations documents write them.
Names in other scripts stand between marks that keep them from turning the line round.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import pandas as pd

from casualties.estimates import Estimate
from casualties.verdict.decision import CONFLICT, DE_ESCALATING, ESCALATING, NO_DETECTABLE, NOT_ENOUGH
from casualties.verdict.told import LARGE, Told, digits, open_ended

__all__ = ["arabic"]

_MONTHS = (
    *("كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيو"),
    *("تموز/يوليو", "آب/أغسطس", "أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر"),
)
_CAUTION = "الأعداد وحدها لا تميّز بين تغيّر في العنف وتغيّر في التسجيل."
_WHOM: Mapping[str, str] = MappingProxyType(
    {
        "all victims": "",
        "civilians": " بين المدنيين",
        "civilians or victims of unknown status": " بين المدنيين ومن لا تُعرف صفتهم",
    }
)
_ISOLATE, _END = "\u2068", "\u2069"
_FEW, _MANY, _HUNDRED = 3, 11, 100


def arabic(told: Told) -> str:
    """Give the sentence that can be published, with what it rests on.

    Parameters
    ----------
    told : Told
        The parts; `place` and `whom` in Arabic where the study has the words.

    Returns
    -------
    str
        One paragraph, the same statements as `casualties.verdict.english.english`.
    """
    sentences = [_CLAUSES[told.state](told), _dated(told), _support(told), _sources(told), _incomplete(told), _CAUTION]
    return " ".join(sentence for sentence in sentences if sentence)


def _changed(told: Told) -> str:
    verb = "ارتفعت" if told.state == ESCALATING else "انخفضت"
    head = f"{verb} الوفيات المسجلة{_whose(told)} في {_apart(told.place)}"
    if not isinstance(told.size, Estimate):
        return f"{head} في الفترة {_span(told.first, told.last)}؛ ولا يمكن تحديد مقدار ذلك."
    if not told.size_shows_it:
        return (
            f"{head} في الفترة {_span(told.first, told.last)} بحسب طريقتين من ثلاث؛ أما المستوى وحده فلا يُظهر ذلك: "
            f"بلغت نسبته إلى مستوى الفترة {_span(told.baseline_first, told.baseline_last)} ما قدره "
            f"{_figure(told.size.value)} ({_interval(told.size)})."
        )
    return (
        f"{head}: بلغت نسبة ما سُجّل في اليوم في الفترة {_span(told.first, told.last)} إلى ما سُجّل في اليوم في الفترة "
        f"{_span(told.baseline_first, told.baseline_last)} ما قدره {_figure(told.size.value)} ({_interval(told.size)})."
    )


def _unchanged(told: Told) -> str:
    where = f"في الوفيات المسجلة{_whose(told)} في {_apart(told.place)} في الفترة {_span(told.first, told.last)}"
    if not isinstance(told.size, Estimate):
        return f"لم يُرصد تغيّر {where}؛ ولا يمكن تحديد التغيّر الذي قد يبقى غير مرصود."
    against = f"الفترة {_span(told.baseline_first, told.baseline_last)}"
    if told.size_excludes_none:
        return (
            f"لم يُرصد تغيّر تتفق عليه الطرائق {where}، مع أن النسبة إلى {against} بلغت {_figure(told.size.value)} "
            f"({_interval(told.size)})."
        )
    if not told.size.has_interval:
        return f"لم يُرصد تغيّر {where}؛ ولا يمكن تحديد التغيّر الذي قد يبقى غير مرصود."
    reach = f"أي نسبة من {_figure(told.size.low)} فما فوق"
    if not math.isinf(told.size.high):
        reach = f"أي نسبة بين {_figure(told.size.low)} و{_figure(told.size.high)}"
    return f"لم يُرصد تغيّر {where}: مقارنةً مع {against} تتوافق السجلات مع {reach}."


def _conflicting(told: Told) -> str:
    said = "؛ ".join(f"{_apart(name)}: {_STATE[state]}" for name, state in told.counted)
    which = f" ({said})" if said else ""
    return (
        f"تتعارض المصادر بشأن الوفيات المسجلة{_whose(told)} في {_apart(told.place)} في الفترة "
        f"{_span(told.first, told.last)}{which}."
    )


def _not_enough(told: Told) -> str:
    reason = "" if isinstance(told.size, Estimate) else f" ({_apart(told.size.reason)})"
    return (
        f"لا يمكن القول إن كانت الوفيات المسجلة{_whose(told)} في {_apart(told.place)} قد تغيّرت في الفترة "
        f"{_span(told.first, told.last)}: البيانات غير كافية{reason}."
    )


_CLAUSES: Mapping[str, Callable[[Told], str]] = MappingProxyType(
    {
        ESCALATING: _changed,
        DE_ESCALATING: _changed,
        NO_DETECTABLE: _unchanged,
        CONFLICT: _conflicting,
        NOT_ENOUGH: _not_enough,
    }
)
_STATE: Mapping[str, str] = MappingProxyType(
    {
        ESCALATING: "ارتفاع",
        DE_ESCALATING: "انخفاض",
        NO_DETECTABLE: "لا تغيّر مرصودًا",
        NOT_ENOUGH: "بيانات غير كافية",
    }
)


def _dated(told: Told) -> str:
    if not told.changed:
        return ""
    if not told.dated:
        return "ولا يمكن تحديد يوم بعينه للتغيّر."
    return (
        f"وكان أكبر تغيّر في المعدل نحو {_day(told.date)} (مجموعة التواريخ بمستوى {_percent(told.date_level)}: "
        f"{_span(told.date_low, told.date_high)})."
    )


def _support(told: Told) -> str:
    if not told.decided or told.able < 2:
        return ""
    if told.support == told.able:
        return f"وتعطي الخيارات المعقولة جميعها، وعددها {told.able:,}، الجواب نفسه."
    able = f"من الخيارات المعقولة القادرة على الإجابة، وعددها {told.able:,}"
    if not told.support:
        return f"ولا يعطي أيٌّ {able}، الجواب نفسه."
    return f"و{able}، يعطي الجواب نفسه {_count(told.support, 'خيار واحد', 'خياران', 'خيارات', 'خيارًا')}."


def _sources(told: Told) -> str:
    parts = []
    if told.witnesses:
        if len(told.witnesses) == 1:
            parts.append(f"مصدر واحد من هذا النطاق قادر على الإجابة، وهو {_apart(told.witnesses[0][0])}")
        else:
            agree = told.agreeing
            of = f"من أصل {_count(len(told.witnesses), *_SOURCES_OF)} من هذا النطاق"
            parts.append(f"{of}، يقول ذلك {_count(agree, *_SOURCES)}" if agree else f"{of}، لا يقول ذلك أي مصدر")
    if told.compared:
        low, high = (f"{end:.1f}" for end in (told.compared.fewest, told.compared.most))
        value = f"{told.compared.value:.1f}"
        bounds = "" if low == high == value else f" (من {low} إلى {high})"
        parts.append(
            f"المصادر التي قورنت، وعددها {told.compared.named}، تعادل من المصادر المستقلة ما عدده {value}{bounds}"
        )
    return f"{'؛ '.join(parts)}." if parts else ""


def _incomplete(told: Told) -> str:
    days = told.incomplete_days
    if not days:
        return ""
    if days == 1:
        return "بيانات اليوم الأخير غير مكتملة."
    return f"بيانات آخر {_count(days, 'يوم', 'يومين', 'أيام', 'يومًا')} غير مكتملة."


_SOURCES = ("مصدر واحد", "مصدران", "مصادر", "مصدرًا")
_SOURCES_OF = ("مصدر واحد", "مصدرين", "مصادر", "مصدرًا")


def _count(number: int, one: str, two: str, few: str, many: str) -> str:
    """Give a number with its noun: its form follows the last two digits."""
    if number in (1, 2):
        return (one, two)[number - 1]
    last = number % _HUNDRED
    if _FEW <= last < _MANY:
        return f"{number:,} {few}"
    # After a full hundred, or one or two beyond it, the noun is a plain singular.
    noun = many if last >= _MANY else one.split(" ")[0]
    return f"{number:,} {noun}"


def _whose(told: Told) -> str:
    return _WHOM.get(told.whom, f" ({_apart(told.whom)})")


def _interval(size: Estimate) -> str:
    if not size.has_interval or math.isnan(size.level):
        return "من دون مجال"
    low, high = _figure(size.low), _figure(size.high)
    ends = f"{LARGE if size.low >= LARGE else low} فما فوق" if open_ended(size) else f"من {low} إلى {high}"
    return f"مجال بمستوى {_percent(size.level)}: {ends}"


def _percent(level: float) -> str:
    return f"{level * 100:.0f} في المئة"


def _figure(value: float) -> str:
    if value >= LARGE:
        return f"أكثر من {LARGE}"
    return digits(value)


def _apart(name: str) -> str:
    """Keep a name in another script from turning the line round."""
    # Arabic words run with the line as they are.
    arabic_script = any("\u0600" <= letter <= "\u06ff" for letter in name)
    return name if arabic_script else f"{_ISOLATE}{name}{_END}"


def _day(day: pd.Timestamp) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _span(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Give two days, what they share said once."""
    if first == last:
        return _day(first)
    month = "" if (first.year, first.month) == (last.year, last.month) else f" {_MONTHS[first.month - 1]}"
    begin = _day(first) if first.year != last.year else f"{first.day}{month}"
    return f"من {begin} إلى {_day(last)}"
