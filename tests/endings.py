"""How the reading of a mutated file ends: in a series and a ledger that add up, in one clear error, or in a fault.

Run as ``python tests/endings.py FOLDER NUMBER …`` it reads the files of these numbers and writes one line of JSON
before and after each, so that a process that dies or hangs tells on which file. What a file
holds is worked out here a second time, by plain means, wherever the mutation leaves it a table.
"""

from __future__ import annotations

import csv
import faulthandler
import gzip
import io
import json
import re
import resource
import sys
import time
import unicodedata
import warnings
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import mutations
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from casualties.errors import CasualtiesError, ConservationError
from casualties.events import Events
from casualties.feeds import Feed
from casualties.series import daily_series
from casualties.sources.acled import read_acled
from casualties.sources.feed import read_feed
from casualties.sources.lists.mapped import read_mapped
from casualties.sources.tolls import read_tolls
from casualties.sources.ucdp import read_ucdp_ged
from casualties.study import load_study
from casualties.tolls import Tolls

SECONDS = 60
LETTERS = 2_000
SPREADS = ("even", "start", "end", "exclude", "expected")
DEATHS = {"ucdp": "best", "acled": "fatalities", "events": "القتلى", "tolls": "value", "feed csv": "total_killed"}
Source = Events | Feed | Tolls


class FaultError(AssertionError):
    """A file did not end as it must."""


def demand(holds: bool, message: str) -> None:
    if not holds:
        raise FaultError(message)


# --- What a file holds, by plain means ---


def records(file: mutations.Mutated) -> list[dict[str, str]] | None:
    """Read the records that hold anything; of a row whose cells do not fit the header only that it is there."""
    data, name = file.data, file.name
    try:
        if name.endswith(".gz"):
            data, name = gzip.decompress(data), name[:-3]
        elif name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                (member,) = archive.namelist()
                data, name = archive.read(member), "table.csv"
        if name.endswith(".json"):
            content = _json(data.decode("utf-8-sig"))
            (found,) = [value for value in content.values() if isinstance(value, list)]
            return [_fields(item) for item in found]
        if name.endswith(".jsonl"):
            lines = data.decode("utf-8-sig").replace("\r", "\n").split("\n")
            return [_fields(_json(line)) for line in lines if line.strip()]
        if name.endswith(".parquet"):
            table = pq.read_table(pa.BufferReader(data), use_threads=False, pre_buffer=False)
            header = [str(name).strip() for name in table.column_names]
            columns = [table.column(place).to_pylist() for place in range(table.num_columns)]
            return [_row(header, list(map(_plain, row))) for row in zip(*columns, strict=True)]
        if name.endswith(".xlsx"):
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
            (sheet,) = [sheet for sheet in book if sheet.max_row > 1 or sheet["A1"].value is not None]
            if sheet.max_row * sheet.max_column > 1_000_000:
                return None
            return _rows([list(map(_plain, row)) for row in sheet.iter_rows(values_only=True)])
        text = data.decode("utf-8-sig")
        head = next(line for line in text.splitlines() if line.strip())
        delimiter = "," if "," in head else max(",;\t|", key=head.count)
        return _rows(list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)))
    except Exception:
        return None


def _json(text: str) -> Any:
    """Read JSON with its numbers as they are written; a record that names a field twice is none."""

    def record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(pairs) if len(dict(pairs)) == len(pairs) else {}

    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=record)


def _rows(rows: list[list[str]]) -> list[dict[str, str]]:
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    header = [name.strip() for name in filled[0]]
    return [_row(header, row) for row in filled[1:]]


def _row(header: list[str], row: list[str]) -> dict[str, str]:
    return dict(zip(header, row, strict=True)) if len(row) == len(header) else {}


def _fields(item: object) -> dict[str, str]:
    return {name.strip(): _plain(value) for name, value in item.items()} if isinstance(item, dict) else {}


def _plain(value: object) -> str:
    if value is None or value != value or (isinstance(value, str) and re.fullmatch(r"#[A-Z0-9/!?]+", value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def people(cell: str, kind: str) -> int:
    """Give the people that a cell counts, 0 where it counts none, by the written rules of the readers."""
    text = cell.strip()
    if kind in ("events", "feed"):
        form = "NFC" if re.search("[²³¹½¼¾]", text) else "NFKC"
        text = unicodedata.normalize(form, text).translate(str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789"))
        text = " ".join(re.sub("[‐-―−]", "-", re.sub("[\u200b-\u200f\ufeff\u202a-\u202e]", "", text)).split()).lower()
    if kind == "events":
        found = re.fullmatch(r"at least ([0-9]+)|([0-9]+) ?- ?[0-9]+", text)
        text = (found[1] or found[2]) if found else text
        if re.fullmatch(r"[+-]?[0-9]{1,3}([.,'’٬ ][0-9]{3})+", text):
            return 0
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,5})?", text):
        return 0
    number = Decimal(text)
    return int(number) if 0 <= number <= 10_000_000 and number == number.to_integral_value() else 0


# --- Reading ---


def read(file: mutations.Mutated, folder: Path) -> list[Source]:
    """Write a file and read it by the reader of its kind."""
    path = folder / file.name
    path.write_bytes(file.data)
    kind = file.kind.split()[0]
    if kind == "ucdp":
        return [read_ucdp_ged(path)]
    if kind == "acled":
        return [read_acled(path)]
    if kind in ("events", "victims"):
        return [read_mapped(path, dict(file.mapping or {}))]
    if kind == "feed":
        return [read_feed(path, dict(file.mapping or {}))]
    if kind == "tolls":
        return [read_tolls(path)]
    if kind == "mapping":
        return [read_mapped(folder / "list.csv", path)]
    study = load_study(folder)
    sources = list(study.sources.values())
    for name in study.declared:
        made = study.series(name)
        demand(bool(made.frame["best"].notna().any() or not made.frame["observed"].any()), "a series without numbers")
    return sources


def companions(folder: Path) -> None:
    """Write the files that the mutated mapping and study speak of."""
    for name, table in (
        ("events.csv", mutations.ucdp()),
        ("feed.csv", mutations.feed_new()),
        ("list.csv", mutations.event_list()),
        ("tolls.csv", mutations.tolls()),
    ):
        (folder / name).write_text(mutations.as_csv(table), encoding="utf-8", newline="")
    (folder / "mapping.toml").write_text(mutations.LIST_TOML, encoding="utf-8")


def check(source: Source, file: mutations.Mutated) -> None:
    """Check that what was read adds up: with its ledger, its series, and what the file holds by plain means."""
    deaths = {Events: "best", Feed: "killed", Tolls: "value"}[type(source)]
    table = source.accepted if isinstance(source, Events) else source.frame
    total = int(table[deaths].sum()) + int(source.rejected["best"].sum())
    rows = len(table) + len(source.rejected)
    # A line of totals under a list of persons is named in the ledger, and is no person.
    uncounted = source.rejected[source.rejected["best"].isna()]
    sums = int(uncounted["reason"].astype("str").str.startswith("a row of totals").sum())
    victims = isinstance(source, Events) and "rows" in table
    if victims:
        rows = int(table["rows"].str.count(";").sum()) + len(table) + len(source.rejected)
        demand(total == rows - sums, f"{total} persons in {rows} rows")
    demand(not source.rejected["reason"].astype("str").eq("").any(), "a row of the ledger has no reason")
    found = records(file) if file.name.startswith("table") else None
    if found is not None:
        demand(rows == len(found), f"{len(found)} records were written, {rows} are in the table and the ledger")
        column = DEATHS.get(file.kind, DEATHS.get(file.kind.split()[0], ""))
        if column:
            demand(any(column in record for record in found), f"the file has no column {column}")
            counted = [record for record in found if not (sums and "Total" in record.values())]
            given = sum(people(record.get(column, ""), file.kind.split()[0]) for record in counted)
            demand(given == total, f"{given} deaths were written, {total} are in the table and the ledger")
    if isinstance(source, Feed) and "running" in table:
        known = table[table["running"].notna()]
        moved = int(table["increment"].sum()) + int(table["revision"].sum())
        if len(known) and not table["flags"].str.contains("total-reset").any():
            demand(moved == int(known["running"].iloc[-1]) - int(source.base or 0), "the increments do not add up")
    if isinstance(source, Tolls):
        return
    first, last = source.coverage
    spread: Any = SPREADS[file.number % len(SPREADS)]
    made = daily_series(source, start=first, end=last, spread=spread, missing_days=("zero", "missing")[file.number % 2])
    account = made.accounts["best"].astype("float64")
    counted = int(source.deaths.sum()) + int(source.rejected["best"].sum()) if isinstance(source, Feed) else total
    demand(abs(account.sum() - counted) < 1e-6, f"the account holds {account.sum()} of {counted} deaths")
    inside = float(made.frame["best"].sum())
    demand(abs(account["in the series"] - inside) < 1e-6, f"the series holds {inside}, its account says otherwise")


def ending(file: mutations.Mutated, folder: Path) -> str:
    """Read a file and say how that ended; a fault is raised."""
    try:
        for source in read(file, folder):
            check(source, file)
    except ConservationError:
        raise
    except CasualtiesError as error:
        message = str(error)
        demand(message.isprintable() and len(message) > 20, f"no line of readable text: {message[:300]!r}")
        demand(len(message) < LETTERS, f"a message of {len(message)} letters: {message[:200]!r}")
        named = [getattr(error, name, "") for name in ("file", "column", "argument")]
        demand(any(named), f"neither file nor argument: {message}")
        demand(str(folder) not in message, f"the message names the folder: {message}")
        return "error: " + reason(error)
    return "series and ledger" if file.kind != "tolls csv" else "table and ledger"


def reason(error: CasualtiesError) -> str:
    """Give what an error says without what differs from file to file."""
    text = re.sub(r"\(.*\)|'[^']*'", "…", error.message.split(";")[0])
    return re.sub(r"[0-9,.]+", "N", text)[:60]


def tell(**entry: object) -> None:
    sys.stdout.write(json.dumps(entry, ensure_ascii=True) + "\n")
    sys.stdout.flush()


def main(numbers: list[int], folder: Path) -> None:
    """Read files by their numbers; a watch ends the process where one takes too long."""
    # A bomb that goes off must not take the machine with it.
    resource.setrlimit(resource.RLIMIT_AS, (6_000_000_000, 6_000_000_000))
    warnings.simplefilter("error")
    companions(folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in numbers:
        tell(begun=number)
        file = mutations.mutated(number)
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        start = time.perf_counter()
        try:
            end = ending(file, folder)
        except BaseException as error:
            text = f"{type(error).__name__}: {error}"[:600]
            tell(number=number, kind=file.kind, mutation=file.mutation, fault=text, where=_where(error))
        else:
            took = round(time.perf_counter() - start, 2)
            tell(number=number, kind=file.kind, mutation=file.mutation, ending=end, seconds=took)
        faulthandler.cancel_dump_traceback_later()
        if file.name in ("mapping.toml", "study.toml"):
            companions(folder)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tell(peak=(after - before) // 1024)


def _where(error: BaseException) -> str:
    """Name the last place in the package that an error came through."""
    place, step = "", error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if "casualties" in code.co_filename:
            place = f"{Path(code.co_filename).name}:{step.tb_lineno} {code.co_name}"
        step = step.tb_next
    return place


if __name__ == "__main__":
    main([int(word) for word in sys.argv[2:]], Path(sys.argv[1]))
