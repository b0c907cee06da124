"""Files that have gone wrong: 2,000 of them, each made anew from its number alone.

`mutated(number)` gives a file; the hundreds are the kind (`KINDS`), the rest which mutation and its seed. One function
is one thing that happens to a file: to its table, its text, its bytes, or the archive around it. All content is
invented.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

EACH = 100
FIRST = date(2019, 4, 20)
AREAS, ARABIC_AREAS = ("Idlib", "Hama", "", "Aleppo"), ("إدلب", "حماة", "", "حلب")
ODD_NUMBERS = (
    *("3,5", "1e400", "NaN", "٣", "-0", " 7 ", "-3", "2.5", "3.0", "1e3", "0x10", "1_000", "1,234", "2.000", "+4"),
    *("", "  ", "inf", "-inf", "None", "#N/A", "=1+1", "９", "5²", "½", "٣٫٥", "three", "5-7", "at least 4", "true"),
    *("10000001", "99999999999999999999", "18446744073709551615", "-9223372036854775809", "9" * 5000, "1" + "0" * 400),
)
ODD_DATES = (
    *("2019-02-30", "soon", "", "2019-04", "01/02/2019", "1753-01-01", "2019-04-30 00:00:00", "2019-04-30 12:00"),
    *("٢٠١٩-٠٤-٣٠", "9999-12-31", "0000-00-00", "43585", "30-04-2019", "2019-4-3", "2019-04-30T00:00:00Z", "NaT"),
)
ODD_WORDS = (
    "",
    " ",
    "\ufeff",
    "é" * 300,
    "a\nb",
    'say "x"',
    ",;|\t",
    "\u202eخلف",
    "=cmd",
    "\u0000",
    "x" * 200_000,
    "\x1f",
)


@dataclass
class Table:
    """A header and rows of text; `counts` and `dates` name the columns that hold them, `key` the id."""

    header: list[str]
    rows: list[list[str]]
    counts: tuple[str, ...]
    dates: tuple[str, ...]
    key: str = ""

    def cells(self, rng: random.Random, names: tuple[str, ...], odd: tuple[str, ...]) -> Table:
        """Put odd values into some cells of one of the columns."""
        place = self.header.index(rng.choice(names))
        for row in rng.sample(self.rows, min(rng.randint(1, 6), len(self.rows))):
            row[place] = rng.choice(odd)
        return self


@dataclass(frozen=True)
class Mutated:
    """A file, what was done to it, and the mapping with which it is read."""

    number: int
    kind: str
    mutation: str
    name: str
    data: bytes
    mapping: Mapping[str, Any] | None = None


# --- Tables as they should be ---


def days(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


def ucdp() -> Table:
    header = [
        *("id", "type_of_violence", "date_prec", "date_start", "date_end", "side_a", "side_b", "adm_1", "adm_2"),
        *("where_coordinates", "latitude", "longitude", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown"),
        *("low", "best", "high", "number_of_sources", "code_status", "source_headline"),
    ]
    rows = []
    for n in range(40):
        parts = [n % 3, n % 2, n % 5, 0]
        rows.append(
            [
                *(
                    str(1000 + n),
                    str(n % 3 + 1),
                    "2" if n % 7 == 0 else "1",
                    days(n),
                    days(n + (2 if n % 7 == 0 else 0)),
                ),
                *("Group One", "Group Two", AREAS[n % 4], "District", f"Invented town {n % 6}"),
                *(f"{35 + n / 100:.2f}", f"{36 + n / 100:.2f}", *map(str, parts), str(max(sum(parts) - 1, 0))),
                *(str(sum(parts)), str(sum(parts) + 2), "-1", "Clear", f'Invented, "headline" {n}\nعنوان'),
            ]
        )
    return Table(header, rows, ("deaths_a", "best", "best", "low", "high"), ("date_start", "date_end"), "id")


def acled() -> Table:
    header = [
        *("event_id_cnty", "event_date", "year", "time_precision", "event_type", "sub_event_type", "actor1", "inter1"),
        *("actor2", "inter2", "admin1", "admin2", "location", "latitude", "longitude", "geo_precision", "source"),
        *("notes", "fatalities"),
    ]
    rows = [
        [
            *(f"INV{n}", days(n), "2019", str(n % 3 + 1), "Battles", "Armed clash", "Group One; Group Three", "1"),
            *("Group Two", "Rebel group", AREAS[n % 4], "District", f"Town {n % 6}", "35.5", "36.5", "1", "Invented"),
            *(f'Note, with "marks" {n}', str(n % 9)),
        ]
        for n in range(40)
    ]
    return Table(header, rows, ("fatalities",), ("event_date",), "event_id_cnty")


def event_list() -> Table:
    header = ["رقم", "التاريخ", "المحافظة", "المكان", "القتلى", "أطفال", "Remarks"]
    written = ("{}", "at least {}", "{}", "{}")
    rows = [
        [
            *(f"E{n}", days(n), ARABIC_AREAS[n % 4], f"قرية {n % 5}", written[n % 4].format(n % 8 + 1)),
            *(str(n % 2), f'ملاحظة, "{n}"'),
        ]
        for n in range(40)
    ]
    return Table(header, rows, ("القتلى", "القتلى", "أطفال"), ("التاريخ",), "رقم")


EVENT_LIST: Mapping[str, Any] = {
    "gazetteer": "syria",
    "columns": {"id": "رقم", "date": "التاريخ", "adm1": "المحافظة", "place": "المكان", "best": "القتلى"},
    "dates": {"formats": ["%d/%m/%Y"], "unknown": ["soon"]},
    "estimates": {"best": "low", "at_least": ["at least {}"], "range": ["{}-{}"]},
    "breakdown": {"children": "أطفال"},
}


def victim_list() -> Table:
    header = ["الرقم", "الاسم", "تاريخ الاستشهاد", "المحافظة", "المكان", "الصفة", "الجنس"]
    rows = [
        [
            *(str(n), f"شخص مُختلَق {n}", days(n // 3), ARABIC_AREAS[n % 4], f"قرية {n % 3}"),
            *(("مدني", "مقاتل", "")[n % 3], ("ذكر", "أنثى", "طفل")[n % 3]),
        ]
        for n in range(60)
    ]
    return Table(header, rows, ("الرقم",), ("تاريخ الاستشهاد",), "الرقم")


VICTIM_LIST: Mapping[str, Any] = {
    "rows": "victims",
    "columns": {"id": "الرقم", "date": "تاريخ الاستشهاد", "adm1": "المحافظة", "place": "المكان"},
    "dates": {"formats": ["%d/%m/%Y", "%d-%m-%Y"], "unknown": ["soon"]},
    "classes": {"column": "الصفة", "civilians": ["مدني"], "combatants": ["مقاتل"]},
    "breakdown": {"children": {"column": "الجنس", "values": ["طفل"]}},
}


def feed_running() -> Table:
    total, rows = 100, []
    for n in range(40):
        total += n % 6
        rows.append([days(n), str(n % 6), str(total), "0" if n % 11 == 5 else "24", str(n % 6 // 2)])
    return Table(
        ["report_date", "killed", "killed_cum", "hours", "older"], rows, ("killed_cum", "killed"), ("report_date",)
    )


FEED_RUNNING = {
    "date": "report_date",
    "killed": "killed",
    "running": "killed_cum",
    "period": "hours",
    "additions": ["older"],
}


def feed_new() -> Table:
    rows = [[days(n), days(n - 1), str(n % 7), str(n % 3), f"https://example.org/{n}"] for n in range(40)]
    return Table(
        ["source_date", "ref_date", "total_killed", "civilians", "page"], rows, ("total_killed",), ("ref_date",)
    )


FEED_NEW = {"report_date": "source_date", "date": "ref_date", "killed": "total_killed", "counts": ["civilians"]}


def tolls() -> Table:
    header = ["row_id", "claimant", "published_date", "period_start", "period_end", "area", "who", "value", "qualifier"]
    header += ["children", "note"]
    rows = [
        [
            *(f"t{n}", "Invented Office", days(n + 1), days(0), days(n), "Idlib", "civilians", str(10 + 3 * n)),
            *(("", "at least", "about")[n % 3], str(n), "ملاحظة, note"),
        ]
        for n in range(30)
    ]
    return Table(header, rows, ("value",), ("period_start", "period_end"), "row_id")


# --- Mutations of a table ---


def drop_column(rng: random.Random, table: Table) -> Table:
    place = rng.randrange(len(table.header))
    del table.header[place]
    for row in table.rows:
        del row[place]
    return table


def double_column(rng: random.Random, table: Table) -> Table:
    place, to = rng.randrange(len(table.header)), rng.randrange(len(table.header) + 1)
    for row in (table.header, *table.rows):
        row.insert(to, row[place])
    return table


def swap_columns(rng: random.Random, table: Table) -> Table:
    one, two = rng.sample(range(len(table.header)), 2)
    table.header[one], table.header[two] = table.header[two], table.header[one]
    return table


def shuffle_columns(rng: random.Random, table: Table) -> Table:
    order = rng.sample(range(len(table.header)), len(table.header))
    for row in (table.header, *table.rows):
        row[:] = [row[place] for place in order]
    return table


def rename_column(rng: random.Random, table: Table) -> Table:
    place = rng.randrange(len(table.header))
    name = table.header[place]
    table.header[place] = rng.choice(
        (name.upper(), f" {name} ", f"{name}\u200f", "", f"{name}\nb", name[:-1], "x" * 70_000)
    )
    return table


def blank_column(rng: random.Random, table: Table) -> Table:
    place = rng.randrange(len(table.header))
    for row in table.rows:
        row[place] = ""
    return table


def numbers_as_text(rng: random.Random, table: Table) -> Table:
    return table.cells(rng, table.counts, ODD_NUMBERS)


def odd_dates(rng: random.Random, table: Table) -> Table:
    return table.cells(rng, table.dates, ODD_DATES)


def odd_words(rng: random.Random, table: Table) -> Table:
    return table.cells(rng, tuple(table.header), ODD_WORDS)


def repeat_rows(rng: random.Random, table: Table) -> Table:
    table.rows += [list(row) for row in rng.sample(table.rows, 5)]
    rng.shuffle(table.rows)
    return table


def one_id_for_all(rng: random.Random, table: Table) -> Table:
    if table.key:
        for row in table.rows[rng.randrange(5) :]:
            row[table.header.index(table.key)] = "same"
    return table


def no_rows(rng: random.Random, table: Table) -> Table:
    del table.rows[rng.randrange(2) :]
    return table


def blank_rows(rng: random.Random, table: Table) -> Table:
    for _ in range(4):
        table.rows.insert(rng.randrange(len(table.rows) + 1), [rng.choice(("", " "))] * len(table.header))
    return table


def footing(rng: random.Random, table: Table) -> Table:
    """Put a line of totals under the table, as people do."""
    place = table.header.index(table.counts[0])
    table.rows.append(["Total" if n == 0 else "999" if n == place else "" for n in range(len(table.header))])
    return table


def many_columns(rng: random.Random, table: Table) -> Table:
    more = [f"c{n}" for n in range(rng.choice((50, 16_400)))]
    table.header += more
    del table.rows[3:]
    for row in table.rows:
        row += [""] * len(more)
    return table


OF_TABLES = (
    *(drop_column, double_column, swap_columns, shuffle_columns, rename_column, blank_column, numbers_as_text),
    *(numbers_as_text, numbers_as_text, odd_dates, odd_dates, odd_words, repeat_rows, one_id_for_all, no_rows),
    *(blank_rows, footing, many_columns),
)


# --- Mutations of text ---


def windows_line_ends(rng: random.Random, text: str) -> str:
    return text.replace("\n", "\r\n")


def old_line_ends(rng: random.Random, text: str) -> str:
    return text.replace("\n", "\r")


def mixed_line_ends(rng: random.Random, text: str) -> str:
    return re.sub("\n", lambda _: rng.choice(("\n", "\r\n", "\r")), text)


def mark_in_front(rng: random.Random, text: str) -> str:
    return "\ufeff" * rng.randint(1, 2) + text


def mark_inside(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text))
    return text[:at] + "\ufeff" + text[at:]


def empty_lines(rng: random.Random, text: str) -> str:
    return re.sub("\n", lambda _: "\n" * rng.choice((1, 1, 1, 2, 4)), text)


def quote_removed(rng: random.Random, text: str) -> str:
    places = [place for place, letter in enumerate(text) if letter == '"'] or [0]
    at = rng.choice(places)
    return text[:at] + text[at + 1 :]


def quote_added(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text))
    return text[:at] + rng.choice(('"', '""', "'", '\\"')) + text[at:]


def quote_opened(rng: random.Random, text: str) -> str:
    at = rng.choice([match.end() for match in re.finditer("[,\n]", text)] or [0])
    return f'{text[:at]}"{text[at:]}'


def other_delimiter(rng: random.Random, text: str) -> str:
    return text.replace(",", rng.choice((";", "\t", "|", ":", "،")))


def cells_shifted(rng: random.Random, text: str) -> str:
    at = rng.choice([match.start() for match in re.finditer(",", text)] or [0])
    return text[:at] + rng.choice(("", ",,")) + text[at + 1 :]


def title_above(rng: random.Random, text: str) -> str:
    return rng.choice(("A title\n", "\n\n", "sep=,\n", "a,b\n")) + text


def lines_swapped(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    one, two = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return "\n".join(lines)


def line_dropped(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    del lines[rng.randrange(len(lines))]
    return "\n".join(lines)


def line_doubled(rng: random.Random, text: str) -> str:
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    return "\n".join([*lines[:at], lines[at], *lines[at:]])


OF_TEXT = (
    *(windows_line_ends, old_line_ends, mixed_line_ends, mark_in_front, mark_inside, empty_lines, quote_removed),
    *(quote_added, quote_opened, other_delimiter, cells_shifted, title_above, lines_swapped),
)


# --- Mutations of bytes ---


def other_encoding(rng: random.Random, data: bytes) -> bytes:
    encodings = ("utf-16", "utf-16-le", "utf-16-be", "windows-1256", "latin-1", "utf-32", "utf-7", "cp037")
    return data.decode("utf-8", "replace").encode(rng.choice(encodings), "replace")


def two_encodings(rng: random.Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    at = rng.randrange(len(text) or 1)
    return text[:at].encode() + text[at:].encode(rng.choice(("windows-1256", "latin-1", "utf-16-le")), "replace")


def encoded_twice(rng: random.Random, data: bytes) -> bytes:
    return data.decode("latin-1").encode()


def bytes_flipped(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def bytes_replaced(rng: random.Random, data: bytes) -> bytes:
    at, length = rng.randrange(len(data)), rng.randint(1, 40)
    return data[:at] + rng.randbytes(length) + data[at + length :]


def cut_short(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data))]


def cut_at_the_end(rng: random.Random, data: bytes) -> bytes:
    return data[: -rng.randint(1, min(30, len(data)))]


def cut_in_front(rng: random.Random, data: bytes) -> bytes:
    return data[rng.randint(1, min(200, len(data))) :]


def piece_lost(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randint(1, 300) :]


def piece_repeated(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at : at + rng.randint(1, 300)] * 2 + data[at:]


def zero_bytes(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + b"\0" * rng.choice((1, 2, 5000)) + data[at:]


def zeros_at_the_end(rng: random.Random, data: bytes) -> bytes:
    """A disk that was full, or a machine that lost power."""
    at = rng.randrange(len(data))
    return data[:at] + b"\0" * (len(data) - at)


def something_else(rng: random.Random, data: bytes) -> bytes:
    return rng.choice(
        (b"", b"\n", b"%PDF-1.7\n%\xe2", b"<!DOCTYPE html>\n<html>", b"\x89PNG\r\n", b"\0" * 99, b'""', b",")
    )


def rubbish_behind(rng: random.Random, data: bytes) -> bytes:
    return data + rng.choice((b"\0" * 10, b"\x1a", rng.randbytes(50), data))


OF_BYTES = (
    *(bytes_flipped, bytes_flipped, bytes_replaced, cut_short, cut_at_the_end, cut_in_front, piece_lost),
    *(piece_repeated, zero_bytes, zeros_at_the_end, something_else, rubbish_behind),
)
OF_PLAIN_BYTES = (*OF_BYTES, other_encoding, other_encoding, two_encodings, two_encodings, encoded_twice)


# --- Mutations of JSON (of its text) ---


def deep_nesting(rng: random.Random, text: str) -> str:
    depth = rng.choice((50, 300, 900, 990, 5_000, 100_000))
    inner = rng.choice(("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth))
    return re.sub(r'(: )"[^"]*"', lambda match: match[1] + inner, text, count=1)


def huge_number(rng: random.Random, text: str) -> str:
    number = rng.choice(("9" * 5_000, "1e400", "-1e999999999", "NaN", "-Infinity", "0." + "1" * 5_000, "1E+2", "007"))
    return re.sub(r'(: )"[0-9]+"', lambda match: match[1] + number, text, count=rng.randint(1, 4))


def other_type(rng: random.Random, text: str) -> str:
    value = rng.choice(
        ("null", "true", "[1, 2]", '{"a": null}', "3.0", "3.5", '"\\ud800"', '["\\udfff"]', '{"\\ud83d": 1}')
    )
    return re.sub(r'(: )"[^"]*"', lambda match: match[1] + (value if rng.random() < 0.1 else match[0][2:]), text)


def odd_field(rng: random.Random, text: str) -> str:
    field = rng.choice(
        ('"\\ud800": 1', '"": 1', '"best": 5', '"a\\u0000b": [1]', '"id ": 2', '"killed": 1, "killed": 2')
    )
    places = [match.end() for match in re.finditer(r"\{(?=.*:)", text)] or [0]
    at = rng.choice(places)
    return f"{text[:at]}{field}, {text[at:]}"


def not_a_record(rng: random.Random, text: str) -> str:
    return re.sub(r"\},", lambda _: rng.choice(("},", "}, 3,", "}, null,", "}, [],", "}, {},", "},")), text)


def every_record_its_own_fields(rng: random.Random, text: str) -> str:
    return re.sub(r"\{(?=\")", lambda match: f'{{"u{match.start()}": 1, ', text)


def comma_left(rng: random.Random, text: str) -> str:
    return re.sub(r"\]", ",]", text, count=1)


def second_list(rng: random.Random, text: str) -> str:
    return text.replace("{", '{"more": [{"best": 1}], ', 1)


OF_JSON = (
    *(deep_nesting, deep_nesting, huge_number, huge_number, other_type, other_type, odd_field, odd_field),
    *(
        not_a_record,
        every_record_its_own_fields,
        comma_left,
        second_list,
        mark_in_front,
        quote_removed,
        mixed_line_ends,
    ),
)


# --- Mutations of archives (given the name and bytes of the table in it) ---


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w", method) as archive:
        warnings.simplefilter("ignore")  # of a name that stands twice, which is meant
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return made.getvalue()


def packed(name: str, data: bytes, suffix: str) -> bytes:
    return gzip.compress(data, mtime=0) if suffix == ".gz" else zipped({name: data})


def two_tables(rng: random.Random, name: str, data: bytes, suffix: str) -> bytes:
    return packed(name, data, ".gz") * 2 if suffix == ".gz" else zipped({name: data, "other.csv": data})


def odd_member(rng: random.Random, name: str, data: bytes, suffix: str) -> bytes:
    names = ("../../table.csv", "a\nb.csv", "x" * 3_000 + ".csv", "table.pdf", "/", "إدلب.csv", "a\\b.csv", "con.csv")
    return zipped({rng.choice(names): data})


def packed_twice(rng: random.Random, name: str, data: bytes, suffix: str) -> bytes:
    inner = packed(name, data, suffix)
    return packed(rng.choice((f"table{suffix}", name)), inner, suffix)


def other_packing(rng: random.Random, name: str, data: bytes, suffix: str) -> bytes:
    if suffix == ".gz":
        return zipped({name: data})
    whole = bytearray(zipped({name: data}, rng.choice((zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED))))
    method = rng.choice((None, 0, 8, 9, 12, 14, 99))
    if method is not None:
        whole[8:10] = struct.pack("<H", method)
        at = whole.rindex(b"PK\1\2")
        whole[at + 10 : at + 12] = struct.pack("<H", method)
    return bytes(whole)


def directory_damaged(rng: random.Random, name: str, data: bytes, suffix: str) -> bytes:
    """Damage the header of a gz file, or what a zip file says of its own content: flags, sizes, places, names."""
    whole = bytearray(packed(name, data, suffix))
    start = 0 if suffix == ".gz" or rng.random() < 0.4 else whole.rindex(b"PK\1\2")
    for _ in range(rng.randint(1, 4)):
        whole[min(start + rng.randrange(60), len(whole) - 1)] = rng.choice((0, 1, 8, 127, 128, 255, rng.randrange(256)))
    return bytes(whole)


def small_bomb(rng: random.Random, name: str, data: bytes, suffix: str) -> bytes:
    """60 MB of rows, of one line or of zeros, in 60 KB."""
    filling = rng.choice((b"\0", b"a", b"1,2\n", b'"', b"[", b",", data[-40:]))
    return packed(name, data + filling * (60_000_000 // len(filling)), suffix)


def damaged_inside(rng: random.Random, name: str, data: bytes, suffix: str) -> bytes:
    return packed(name, rng.choice(OF_PLAIN_BYTES)(rng, data), suffix)


OF_ARCHIVES = (
    *(two_tables, odd_member, packed_twice, other_packing, other_packing, directory_damaged, directory_damaged),
    *(directory_damaged, damaged_inside, damaged_inside),
)


# --- Mutations of workbooks ---


def repacked(book: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        members = {name: change(name, archive.read(name)) for name in archive.namelist()}
    return zipped({name: data for name, data in members.items() if data is not None})


def of_sheet(book: bytes, change: Callable[[str], str]) -> bytes:
    return repacked(book, lambda name, data: change(data.decode()).encode() if "worksheets/" in name else data)


def member_damaged(rng: random.Random, book: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        chosen = rng.choice(archive.namelist())
    damage = rng.choice(
        (bytes_flipped, bytes_replaced, cut_short, piece_lost, piece_repeated, zero_bytes, something_else)
    )
    return repacked(book, lambda name, data: damage(rng, data) if name == chosen else data)


def member_lost(rng: random.Random, book: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        lost = rng.choice(archive.namelist())
    return repacked(book, lambda name, data: None if name == lost else data)


def cell_far_away(rng: random.Random, book: bytes) -> bytes:
    """A cell in the last corner of the sheet: the grid up to it has 17 billion cells."""
    corner = rng.choice(("XFD1048576", "XFD30000", "A1048576", "ZZZZ9", "A99999999999", "A0", "1A", "A4294967297"))
    cell = f'<row r="{corner.lstrip("XFDZA") or 1}"><c r="{corner}"><v>1</v></c></row>'
    return of_sheet(book, lambda text: text.replace("</sheetData>", f"{cell}</sheetData>"))


def odd_dimension(rng: random.Random, book: bytes) -> bytes:
    said = rng.choice(("A1:XFD1048576", "B2", "", "A1:A1", "ZZZZZZ1:A1", "A1:B99999999999"))
    return of_sheet(book, lambda text: re.sub(r'<dimension ref="[^"]*"', f'<dimension ref="{said}"', text))


def odd_cell(rng: random.Random, book: bytes) -> bytes:
    """A cell that says of itself what is not so: a type, a shared text that is not there, a number beyond measure."""
    cell = rng.choice(
        (
            *('t="s"><v>99999999</v>', 't="s"><v>-1</v>', 't="d"><v>soon</v>', 't="e"><v>#N/A</v>', 't="b"><v>7</v>'),
            *('t="n"><v>1e400</v>', "><v></v>", 't="zz"><v>3</v>', 's="9999"><v>3</v>', "><v>NaN</v>", "><f>1+1</f>"),
            *('t="str"><f>A1</f><v>4</v>', "><v>99999999999999999999</v>", 't="inlineStr"><is><t>5</t></is>'),
        )
    )
    places = rng.randint(5, 200)

    def change(text: str) -> str:
        found = list(re.finditer(r'(<c r="[A-Z]+[0-9]+")[^>]*>.*?</c>', text))
        match = found[places % len(found)]
        return f"{text[: match.start()]}{match[1]} {cell}</c>{text[match.end() :]}"

    return of_sheet(book, change)


def odd_day(rng: random.Random, book: bytes) -> bytes:
    """Numbers that stand for days before and beyond the calendar."""
    number = rng.choice(("-1", "0", "60", "2958466", "1e9", "-1e300", "43585.5", "43585.999999999", "99999999999"))
    return of_sheet(book, lambda text: re.sub(r"<v>435[0-9]{2}</v>", f"<v>{number}</v>", text, count=3))


def entities(rng: random.Random, book: bytes) -> bytes:
    """A billion laughs: each entity is ten of the one before."""
    text = '<!DOCTYPE x [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return of_sheet(book, lambda sheet: f"<?xml version='1.0'?>{text}]>" + sheet.replace("<v>1</v>", "<v>&a9;</v>"))


def second_sheet(rng: random.Random, book: bytes) -> bytes:
    content = openpyxl.load_workbook(io.BytesIO(book))
    content.create_sheet("notes").append(["a note"] if rng.random() < 0.6 else [])
    return saved(content)


OF_BOOKS = (
    *(member_damaged, member_damaged, member_damaged, member_damaged, member_lost, cell_far_away, cell_far_away),
    *(odd_dimension, odd_cell, odd_cell, odd_cell, odd_day, odd_day, entities, second_sheet),
)


# --- Mutations of Parquet files ---


def footer_damaged(rng: random.Random, data: bytes) -> bytes:
    length = struct.unpack("<I", data[-8:-4])[0]
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        changed[rng.randrange(len(data) - 8 - length, len(data) - 8)] = rng.choice((0, 255, 127, rng.randrange(256)))
    return bytes(changed)


def pages_damaged(rng: random.Random, data: bytes) -> bytes:
    length = struct.unpack("<I", data[-8:-4])[0]
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 40))):
        changed[rng.randrange(4, len(data) - 8 - length)] = rng.choice((0, 255, 127, rng.randrange(256)))
    return bytes(changed)


def footer_length(rng: random.Random, data: bytes) -> bytes:
    return data[:-8] + struct.pack("<I", rng.choice((0, 1, 7, len(data), 2**31 - 1, 2**32 - 1))) + data[-4:]


def odd_column(rng: random.Random, data: bytes) -> bytes:
    """One column of another type, with values at its ends."""
    table = pq.read_table(pa.BufferReader(data), use_threads=False, pre_buffer=False)
    rows = table.num_rows
    kinds: tuple[pa.Array, ...] = (
        pa.array([2**63 - 1] * rows, pa.timestamp("s")),
        pa.array([-(2**62)] * rows, pa.timestamp("ns")),
        pa.array([2**31 - 1] * rows, pa.date32()),
        pa.array([-1] * rows, pa.time64("ns")),
        pa.array([2**62] * rows, pa.duration("s")),
        pa.array([b"\xff\xfe"] * rows, pa.binary()),
        pa.array([[1, None]] * rows, pa.list_(pa.int64())),
        pa.array([{"a": 1}] * rows, pa.struct([("a", pa.int64())])),
        pa.array([Decimal("3.00")] * rows, pa.decimal128(10, 2)),
        pa.array([2**64 - 1] * rows, pa.uint64()),
        pa.array([float("nan"), *[3.0] * (rows - 1)], pa.float64()),
        pa.array([None] * rows, pa.null()),
        pa.array([True] * rows, pa.bool_()),
        pa.array(["x", *["3"] * (rows - 1)]).dictionary_encode(),
        pa.array([datetime(2019, 4, 30, 12)] * rows, pa.timestamp("us", tz="Asia/Damascus")),
    )
    place, column = rng.randrange(table.num_columns), rng.choice(kinds)
    made = io.BytesIO()
    pq.write_table(table.set_column(place, table.column_names[place], column), made)
    return made.getvalue()


def invalid_text(rng: random.Random, data: bytes) -> bytes:
    """Text columns whose bytes are no UTF-8, as a careless writer leaves them."""
    table = pq.read_table(pa.BufferReader(data), use_threads=False, pre_buffer=False)
    place = rng.randrange(table.num_columns)
    raw = pa.array([b"\xc7\xcf\xe1\xc8"] * table.num_rows, pa.binary())
    column = pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())
    made = io.BytesIO()
    pq.write_table(table.set_column(place, table.column_names[place], column), made)
    return made.getvalue()


OF_PARQUET = (
    *(footer_damaged,) * 5,
    *(pages_damaged,) * 5,
    *(footer_length, odd_column, odd_column, odd_column, odd_column, invalid_text),
)


# --- Mutations of TOML ---

ODD_VALUES = (
    *("3", "-1", "1.5", "nan", "inf", "true", '""', '"x"', "[]", "[1]", '["x", 2]', "{}", "{ a = 1 }", "2019-05-01"),
    *(
        "2019-05-01T10:00:00Z",
        "10:00:00",
        "9" * 5_000,
        "0x" + "f" * 300,
        '"\\u0000"',
        '"a\\nb"',
        '" "',
        '"../x"',
        '"%Q"',
    ),
    *(
        "[" * 50 + "]" * 50,
        "[" * 20_000 + "]" * 20_000,
        '"undefined"',
        '"a\\u0000b"',
        '"؛"',
        '"Killed"',
        "-9" * 1 + "9" * 40,
    ),
    *(
        "[[]]",
        "[{}]",
        '"' + "y" * 5_000 + '"',
        "99999999999",
        '"2019-13-01"',
        '"9999-12-31"',
        "1e308",
        '["", ""]',
        '"{}"',
    ),
)


def other_value(rng: random.Random, text: str) -> str:
    matches = list(re.finditer(r"(?m)^([^\s=]+ = ).*$", text))
    match = rng.choice(matches)
    return f"{text[: match.start()]}{match[1]}{rng.choice(ODD_VALUES)}{text[match.end() :]}"


def other_key(rng: random.Random, text: str) -> str:
    match = rng.choice(list(re.finditer(r"(?m)^([^\s=\[]+)(?= = )", text)))
    key = rng.choice((match[1][:-1] or "k", f"{match[1]}x", '""', '"a b"', f"{match[1]}.inner", "date", "best", "low"))
    return text[: match.start()] + key + text[match.end() :]


def table_as_value(rng: random.Random, text: str) -> str:
    """Write a value where a table is needed."""
    match = rng.choice(list(re.finditer(r"(?m)^\[([^\]]+)\]$", text)))
    name = match[1].split(".")[0]
    rest = re.sub(rf"(?m)^\[{name}[.\]][^\[]*", "", text)
    return f"{name} = {rng.choice(ODD_VALUES)}\n{rest}"


OF_TOML = (
    *(other_value,) * 12,
    *(other_key,) * 4,
    *(table_as_value, table_as_value, line_dropped, line_dropped, line_doubled, lines_swapped, windows_line_ends),
    *(mark_in_front, mark_inside, quote_added, quote_removed),
)

LIST_TOML = """\
rows = "events"
gazetteer = "syria"

[file]
delimiter = ","
encoding = "utf-8"
header = 1

[columns]
id = "رقم"
date = "التاريخ"
adm1 = "المحافظة"
place = "المكان"
best = "القتلى"

[dates]
formats = ["%d/%m/%Y", "%d %B %Y"]
unknown = ["soon"]

[estimates]
best = "low"
at_least = ["at least {}"]
range = ["{}-{}"]
thousands = "٬"

[values.adm1]
"x" = "y"

[breakdown]
children = "أطفال"

[carry]
remarks = "Remarks"
"""

STUDY_TOML = """\
[study]
name = "invented"
title = "Invented"
subtitle = "For tests"
place = "Nowhere"
period = "April and May 2019"
data_as_of = "2019-06-30"
version = "1"
version_date = "2019-06-30"

[settings]
seed = 1
on_rejected = "ledger"
main_series = "all"
main_place = "north"
turns = ["spring"]

[sources.events]
file = "events.csv"
format = "ucdp-ged"
coverage_start = "2019-04-01"
coverage_end = "2019-06-30"
notes = ["Invented."]

[sources.feed]
file = "feed.csv"
format = "feed"
redistributable = true

[sources.feed.mapping]
report_date = "source_date"
date = "ref_date"
killed = "total_killed"
counts = ["civilians"]
base = 0
suspect = false

[sources.list]
file = "list.csv"
format = "mapped"
mapping = "mapping.toml"

[sources.tolls]
file = "tolls.csv"
format = "tolls"

[places.north]
label = "the north"
where = { adm1 = ["Idlib", "Hama"] }

[actors]
one = ["Group One"]

[windows.spring]
label = "spring"
start = "2019-04-21"
end = "2019-05-20"

[series.all]
source = "events"
start = "2019-04-20"
end = "2019-05-31"
spread = "even"
missing_days = "zero"
place = "north"

[series.new]
source = "feed"
start = "2019-04-20"
end = "2019-05-25"
spread = "even"
missing_days = "missing"

[areas]
Idlib = "north"

[names.places]
Idleb = "Idlib"
"""


# --- Forms of files ---


def as_csv(table: Table) -> str:
    def cell(text: str) -> str:
        return f'"{text.replace(chr(34), chr(34) * 2)}"' if re.search(r'[",\n\r]', text) else text

    return "".join(",".join(map(cell, row)) + "\n" for row in (table.header, *table.rows))


def as_records(table: Table) -> list[str]:
    """Give each row as an object; a name that stands twice stands twice."""
    return [
        "{"
        + ", ".join(
            f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(cell, ensure_ascii=False)}"
            for name, cell in zip(table.header, row, strict=True)
        )
        + "}"
        for row in table.rows
    ]


def as_json(table: Table) -> str:
    return '{"TotalCount": 1, "Result": [' + ",\n".join(as_records(table)) + "]}"


def as_json_lines(table: Table) -> str:
    return "\n".join(as_records(table)) + "\n"


def as_book(table: Table) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (table.header, *table.rows):
        sheet.append([_typed(cell) for cell in row])
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """Give a workbook without the time of its saving, so that the same book is the same bytes."""
    made = io.BytesIO()
    book.save(made)
    return repacked(
        made.getvalue(), lambda name, data: re.sub(rb"[0-9-]{10}T[0-9:]{8}Z", b"2020-01-01T00:00:00Z", data)
    )


def _typed(cell: str) -> object:
    """Give a cell as a spreadsheet keeps it."""
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", cell)[:32_000]
    if re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    if re.fullmatch(r"2019-0[4-6]-[0-2][0-9]", text):
        return date.fromisoformat(text)
    return f"'{text}" if text.startswith("=") else text or None


def as_parquet(table: Table) -> bytes:
    arrays = []
    for place in range(len(table.header)):
        cells = [row[place] for row in table.rows]
        whole = bool(cells) and all(re.fullmatch(r"[0-9]{1,9}", cell) for cell in cells)
        arrays.append(pa.array([int(cell) for cell in cells] if whole else cells, pa.int64() if whole else pa.string()))
    made = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, names=table.header), made)
    return made.getvalue()


@dataclass(frozen=True)
class Kind:
    """A kind of file: its name, its table as it should be, its form, and the mapping with which it is read."""

    name: str
    table: Callable[[], Table]
    file: str
    mapping: Mapping[str, Any] | None = None


KINDS = (
    Kind("ucdp csv", ucdp, "table.csv"),
    Kind("ucdp csv.gz", ucdp, "table.csv.gz"),
    Kind("ucdp zip", ucdp, "table.zip"),
    Kind("ucdp xlsx", ucdp, "table.xlsx"),
    Kind("ucdp parquet", ucdp, "table.parquet"),
    Kind("ucdp json", ucdp, "table.json"),
    Kind("acled csv", acled, "table.csv"),
    Kind("acled zip", acled, "table.zip"),
    Kind("events csv", event_list, "table.csv", EVENT_LIST),
    Kind("events xlsx", event_list, "table.xlsx", EVENT_LIST),
    Kind("events json", event_list, "table.json", EVENT_LIST),
    Kind("events jsonl", event_list, "table.jsonl", EVENT_LIST),
    Kind("events parquet", event_list, "table.parquet", EVENT_LIST),
    Kind("victims csv", victim_list, "table.csv", VICTIM_LIST),
    Kind("victims xlsx", victim_list, "table.xlsx", VICTIM_LIST),
    Kind("feed json", feed_running, "table.json", FEED_RUNNING),
    Kind("feed csv", feed_new, "table.csv", FEED_NEW),
    Kind("tolls csv", tolls, "table.csv"),
    Kind("mapping toml", event_list, "mapping.toml"),
    Kind("study toml", ucdp, "study.toml"),
)
COUNT = EACH * len(KINDS)
TEXTS: Mapping[str, Callable[[Table], str]] = {".csv": as_csv, ".json": as_json, ".jsonl": as_json_lines}
BOOKS: Mapping[str, Callable[[Table], bytes]] = {".xlsx": as_book, ".parquet": as_parquet}
Mutation = Callable[..., Any]


def layers(kind: Kind) -> list[tuple[str, Mutation]]:
    """List what can happen to a file of a kind, each with the layer that it happens to."""
    suffix = kind.file[kind.file.rindex(".") :]
    chosen: tuple[tuple[str, tuple[Mutation, ...]], ...] = {
        ".csv": (("table", OF_TABLES), ("text", OF_TEXT), ("bytes", OF_PLAIN_BYTES)),
        ".gz": (("table", OF_TABLES), ("text", OF_TEXT), ("archive", OF_ARCHIVES), ("bytes", OF_BYTES)),
        ".zip": (("table", OF_TABLES), ("text", OF_TEXT), ("archive", OF_ARCHIVES), ("bytes", OF_BYTES)),
        ".json": (("table", OF_TABLES), ("text", OF_JSON), ("bytes", OF_PLAIN_BYTES)),
        ".jsonl": (("table", OF_TABLES), ("text", OF_JSON), ("bytes", OF_PLAIN_BYTES)),
        ".xlsx": (("table", OF_TABLES), ("whole", OF_BOOKS), ("bytes", OF_BYTES)),
        ".parquet": (("table", OF_TABLES), ("whole", OF_PARQUET), ("bytes", OF_BYTES)),
        ".toml": (("text", OF_TOML), ("bytes", OF_PLAIN_BYTES)),
    }[suffix]
    return [(layer, mutation) for layer, mutations in chosen for mutation in mutations]


def mutated(number: int) -> Mutated:
    """Make the file of a number, from 0 to 1,999."""
    kind, turn = KINDS[number // EACH], number % EACH
    rng = random.Random(number)
    choices = layers(kind)
    layer, mutation = choices[turn % len(choices)]
    if kind.file in ("table.csv.gz", "table.zip") and turn == EACH - 1:
        layer, mutation = "archive", small_bomb
    done = [mutation.__name__]
    suffix = kind.file[kind.file.rindex(".") :]
    if suffix == ".toml":
        text = LIST_TOML if kind.file == "mapping.toml" else STUDY_TOML
        data = (mutation(rng, text) if layer == "text" else text).encode()
    else:
        table = kind.table()
        if layer == "table":
            table = mutation(rng, table)
        elif turn >= len(choices):
            # The second time around two things go wrong at once.
            table = numbers_as_text(rng, table)
            done.insert(0, numbers_as_text.__name__)
        inner = ".csv" if suffix in (".gz", ".zip") else suffix
        if inner in TEXTS:
            text = TEXTS[inner](table)
            data = (mutation(rng, text) if layer == "text" else text).encode("utf-8", "surrogatepass")
        else:
            data = BOOKS[inner](table)
        if layer == "whole":
            data = mutation(rng, data)
        if layer == "archive":
            data = mutation(rng, "table.csv", data, suffix)
        elif suffix in (".gz", ".zip"):
            data = packed("table.csv", data, suffix)
    if layer == "bytes":
        data = mutation(rng, data)
    return Mutated(number, kind.name, " + ".join(done), kind.file, data, kind.mapping)
