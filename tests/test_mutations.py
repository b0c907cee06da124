"""2,000 files that have gone wrong: each ends in a series and a ledger that add up, or in one clear error.

`mutations.py` makes each file from its number and `endings.py` reads it, in a process of its own for each half of a
kind: a process that dies, hangs or fills the memory is itself a fault, and is named by the file that it read. To see
one again: ``python tests/endings.py FOLDER NUMBER`` (with analysis on the path).
"""

import gzip
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import mutations
import pytest

TESTS = Path(__file__).resolve().parent
PATHS = os.pathsep.join([str(TESTS), str(TESTS.parent / "analysis")])
MEGABYTES = 500
LONG = 1_000_000_000
READ = """
import json, resource, sys, time
from casualties.errors import InputError
from casualties.sources.ucdp import read_ucdp_ged
resource.setrlimit(resource.RLIMIT_AS, (6_000_000_000, 6_000_000_000))
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
try:
    read_ucdp_ged(sys.argv[1])
except InputError as error:
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([str(error), (after - before) // 1024, round(time.perf_counter() - start, 1)]))
"""


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        env={**os.environ, "PYTHONPATH": PATHS, "PYTHONHASHSEED": "0"},
        timeout=300,
        capture_output=True,
        text=True,
        check=False,
    )


def test_there_are_two_thousand_and_each_is_made_from_its_number_alone():
    assert mutations.COUNT == 2_000
    numbers = range(7, mutations.COUNT, 97)
    assert [mutations.mutated(number) for number in numbers] == [mutations.mutated(number) for number in numbers]


@pytest.mark.parametrize("kind", range(len(mutations.KINDS)), ids=[kind.name for kind in mutations.KINDS])
def test_each_ends_in_a_series_and_a_ledger_or_in_one_clear_error(kind, tmp_path):
    numbers = range(kind * mutations.EACH, (kind + 1) * mutations.EACH)
    done = run(str(TESTS / "endings.py"), str(tmp_path), *map(str, numbers))
    told = [json.loads(line) for line in done.stdout.splitlines()]
    begun = [entry["begun"] for entry in told if "begun" in entry]
    assert done.returncode == 0, f"the process ended on file {begun[-1:]}:\n{done.stderr[-3_000:]}"
    assert [entry for entry in told if "fault" in entry] == []
    endings = [entry["ending"] for entry in told if "ending" in entry]
    assert len(endings) == mutations.EACH
    # Both ways of ending are among them, so that neither is all that a reader can do.
    assert 0 < sum(ending.startswith("error") for ending in endings) < mutations.EACH
    assert told[-1]["peak"] < MEGABYTES


HEADER = (",".join(mutations.ucdp().header) + "\n").encode()


def pieces(piece: bytes, length: int = LONG) -> Iterator[bytes]:
    many = piece * (8_000_000 // len(piece))
    for _ in range(length // len(many)):
        yield many


def line_without_end(file: Path) -> None:
    with file.open("wb") as stream:
        stream.write(HEADER)
        stream.writelines(pieces(b"1,22,abc "))


def line_without_end_in_another_encoding(file: Path) -> None:
    with file.open("wb") as stream:
        stream.write(HEADER + b"1,\xc7\xcf\xe1\xc8,")
        stream.writelines(pieces(b"1,22,abc "))


def quotation_without_end(file: Path) -> None:
    with file.open("wb") as stream:
        stream.write(HEADER + b'1,"')
        stream.writelines(pieces(b"1,22,abc\n"))


def gz_bomb(file: Path) -> None:
    with gzip.open(file, "wb", 1) as stream:
        stream.write(HEADER)
        stream.writelines(pieces(b"1,22,abc "))


def gz_bomb_of_rows(file: Path) -> None:
    with gzip.open(file, "wb", 1) as stream:
        stream.write(HEADER)
        stream.writelines(pieces(b"1" + b"," * HEADER.count(b",") + b"\n"))


def zip_bomb(file: Path) -> None:
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("table.csv", "w", force_zip64=True) as stream,
    ):
        stream.write(HEADER)
        for piece in pieces(b"\0"):
            stream.write(piece)


def book_bomb(file: Path) -> None:
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as stream,
    ):
        for piece in pieces(b'<c r="A1"><v>1</v></c>'):
            stream.write(piece)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "name", "said"),
    [
        (line_without_end, "table.csv", "row 2: the line is longer than 8,000,000 characters"),
        (line_without_end_in_another_encoding, "table.csv", "row 2, value 'byte 0xc7': the text is not UTF-8"),
        (quotation_without_end, "table.csv", "row 2: the file cannot be read as CSV (field larger than"),
        (gz_bomb, "table.csv.gz", "row 2: the line is longer than 8,000,000 characters"),
        (gz_bomb_of_rows, "table.csv.gz", "unpacks to more than 100 times its size"),
        (zip_bomb, "table.zip", "table.zip: "),
        (book_bomb, "table.xlsx", "the workbook is too large once unpacked"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_gigabyte_is_refused_in_little_memory(make: Callable[[Path], None], name, said, tmp_path):
    file = tmp_path / name
    try:
        make(file)
        done = run("-W", "error", "-c", READ, str(file))
    finally:
        file.unlink(missing_ok=True)
    assert done.returncode == 0, done.stderr[-3_000:]
    message, megabytes, seconds = json.loads(done.stdout)
    print(f"{make.__name__}: {message} ({megabytes} MB, {seconds} s)")
    assert message.startswith(f"{name}")
    assert said in message
    assert megabytes < MEGABYTES
