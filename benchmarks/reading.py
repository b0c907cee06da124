"""Time the way from a file to daily series, beside plain pandas on the same file, and print the ratios.

Two files are made in a temporary folder: 350,000 events in UCDP GED's layout of 49 columns (the bundled table again and
again with new ids and shifted dates, the columns of words filled with as many letters as the provider's), and
2,500,000 in ACLED's of 31. For each, in a process of its own: read, validate, and a daily series for each governorate
or country; and ``pandas.read_csv`` with a ``groupby`` of the place and the day (`plain_pandas.py`). Before each the
machine rests, so that none inherits the memory that the one before has just given back; medians are compared. Then both
again and again in turns in one process, after a first turn that is not counted, with the same rests. Run ``python
benchmarks/reading.py``; ``--pandas PYTHON`` times an interpreter with another pandas as well, since pandas 3.1 reads on
all processors and 3.0 on one.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import plain_pandas

import casualties as ca

SIZES = {"ged": 350_000, "acled": 2_500_000}
TARGETS = {"ged": 4.0, "acled": 20.0}
PORTION = 100_000
# Seconds of rest before each step, in which the machine takes back what the step before has freed.
REST = 10
GED = """
id relid year active_year code_status type_of_violence conflict_dset_id conflict_new_id conflict_name dyad_dset_id
dyad_new_id dyad_name side_a_dset_id side_a_new_id side_a side_b_dset_id side_b_new_id side_b number_of_sources
source_article source_office source_date source_headline source_original where_prec where_coordinates where_description
adm_1 adm_2 latitude longitude geom_wkt priogrid_gid country country_id region event_clarity date_prec date_start
date_end deaths_a deaths_b deaths_civilians deaths_unknown best high low gwnoa gwnob
""".split()  # noqa: SIM905 - as the codebook lists them
FILLED = {
    "source_article": 160,
    "source_headline": 90,
    "source_original": 40,
    "where_description": 40,
    "geom_wkt": 30,
    "conflict_name": 18,
    "dyad_name": 40,
}
ACLED_TYPES = (
    ("Battles", "Armed clash", ""),
    ("Explosions/Remote violence", "Air/drone strike", ""),
    ("Explosions/Remote violence", "Shelling/artillery/missile attack", "Civilian targeting"),
    ("Violence against civilians", "Attack", "Civilian targeting"),
    ("Protests", "Peaceful protest", ""),
    ("Strategic developments", "Other", ""),
)
DEATHS = (0, 0, 0, 0, 0, 1, 1, 2, 3, 3, 4, 5, 10, 12)


def words(rng: np.random.Generator, count: int, letters: int) -> np.ndarray:
    """Give invented text of some length, quoted where it holds a comma."""
    pieces = np.array(["on the road, ", "near the town ", "reports say ", "a source said ", "it was not clear "])
    parts = pieces[rng.integers(0, len(pieces), (64, letters // 14 + 1))]
    pool = np.array(["".join(row)[:letters] for row in parts], dtype=object)
    return pool[rng.integers(0, len(pool), count)]


def write_ged(path: Path, rows: int) -> None:
    """Write the bundled events over and over, with new ids and shifted dates."""
    source = pd.read_csv(ca.bundled("idlib-2019") / "ged_syria.csv", dtype="str", keep_default_na=False)
    rng = np.random.default_rng(1)
    for copy, first in enumerate(range(0, rows, len(source))):
        part = source.head(min(len(source), rows - first)).copy()
        shift = pd.Timedelta(days=7 * copy)
        part["id"] = (first + np.arange(len(part))).astype(str)
        part["relid"] = "SYR-2019-1-652-" + part["id"]
        for name in ("date_start", "date_end"):
            part[name] = (pd.to_datetime(part[name]) + shift).dt.strftime("%Y-%m-%d 00:00:00.000")
        for name in GED:
            if name not in part:
                part[name] = words(rng, len(part), FILLED[name]) if name in FILLED else "652"
        part[GED].to_csv(path, mode="a", index=False, header=not first)


def write_acled(path: Path, rows: int) -> None:
    """Write invented events in ACLED's layout."""
    rng = np.random.default_rng(2)
    days = pd.date_range("2018-01-01", "2025-12-31").strftime("%Y-%m-%d").to_numpy(dtype=object)
    countries = np.array([f"Country {letter}" for letter in "ABCDEFGHIJKLMNOPQRST"], dtype=object)
    actors = np.array([f"Armed Group of Place {number} ({number % 7})" for number in range(900)], dtype=object)
    inter_words = ["State forces", "Rebel group", "Civilians", "Protesters", "Political militia"]
    for first in range(0, rows, PORTION):
        n = min(PORTION, rows - first)

        def pick(values: Sequence[object], n: int = n) -> np.ndarray:
            return np.asarray(values, dtype=object)[rng.integers(0, len(values), n)]

        kinds = np.array(ACLED_TYPES, dtype=object)[rng.integers(0, len(ACLED_TYPES), n)]
        dates, number, inter = pick(days), rng.integers(0, 4000, n), pick(inter_words)
        part = pd.DataFrame(
            {
                "event_id_cnty": [f"ABC{first + k}" for k in range(n)],
                "event_date": dates,
                "year": [day[:4] for day in dates],
                "time_precision": pick(["1", "1", "1", "1", "2", "3"]),
                "disorder_type": "Political violence",
                "event_type": kinds[:, 0],
                "sub_event_type": kinds[:, 1],
                "actor1": pick(actors),
                "assoc_actor_1": pick(["", "", "Allied Group; Other Group"]),
                "inter1": inter,
                "actor2": pick(actors),
                "assoc_actor_2": "",
                "inter2": inter,
                "interaction": "State forces-Rebel group",
                "civilian_targeting": kinds[:, 2],
                "iso": "760",
                "region": "Middle East",
                "country": pick(countries),
                "admin1": [f"Province {k % 40}" for k in number],
                "admin2": [f"District {k % 400}" for k in number],
                "admin3": "",
                "location": [f"Town {k}" for k in number],
                "latitude": [f"{30 + k / 400:.4f}" for k in number],
                "longitude": [f"{35 + k / 300:.4f}" for k in number],
                "geo_precision": pick(["1", "1", "2", "3"]),
                "source": pick(["One Agency; Another Agency", "A Monitor"]),
                "source_scale": "National",
                "notes": words(rng, n, 180),
                "fatalities": pick(list(map(str, DEATHS))),
                "tags": "",
                "timestamp": "1735689600",
            }
        )
        part.to_csv(path, mode="a", index=False, header=not first)


def ours(kind: str, path: Path) -> list[tuple[str, float]]:
    """Read, validate, and make a daily series for each area; give the seconds of each step."""
    start = time.perf_counter()
    events = ca.read_ucdp_ged(path) if kind == "ged" else ca.read_acled(path)
    read = time.perf_counter()
    first, last = events.coverage
    column = "adm1" if kind == "ged" else "country"
    made = ca.daily_series_by(events, column, start=first, end=last, spread="even", missing_days="zero")
    end = time.perf_counter()
    placed = events.accepted[column] != ""
    if sum(series.total.value for series in made.values()) != int(events.accepted.loc[placed, "best"].sum()):
        raise SystemExit("the series do not hold the deaths of the file")
    return [("read and validated", read - start), ("daily series", end - read), ("whole", end - start)]


def ratios(kind: str, path: Path, turns: int) -> list[float]:
    """Give the ratio of the package's time to that of plain pandas in each of some turns in this process."""
    found = []
    for _ in range(turns + 1):  # the first warms up
        time.sleep(REST)
        peer = plain_pandas.seconds(kind, str(path))
        time.sleep(REST)
        found.append(ours(kind, path)[-1][1] / peer)
    return sorted(found[1:])


def timed(command: Sequence[str]) -> list[tuple[str, str, float, float]]:
    """Run a step in a process of its own: who, what, seconds and gigabytes at most."""
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ})
    cells = (line.split("\t") for line in done.stdout.splitlines())
    return [(who, name, float(value), float(peak)) for who, name, value, peak in cells]


def main() -> None:
    """Make the files, time both ways in processes of their own, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", nargs=2, metavar=("KIND", "PATH"), help=argparse.SUPPRESS)
    parser.add_argument("--together", nargs=3, metavar=("KIND", "PATH", "TURNS"), help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=tuple(SIZES))
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument(
        "--pandas", action="append", default=[], metavar="PYTHON", help="an interpreter with another pandas, also timed"
    )
    given = parser.parse_args()
    if given.step:
        seconds = ours(given.step[0], Path(given.step[1]))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print("\n".join(f"casualties\t{name}\t{value:.2f}\t{peak:.2f}" for name, value in seconds))
        return
    if given.together:
        kind, path, turns = given.together
        found = ratios(kind, Path(path), int(turns))
        low, middle, high = found[0], statistics.median(found), found[-1]
        print(f"  ratio in turns in one process {middle:.2f} ({low:.2f} to {high:.2f}, {len(found)} turns)")
        return
    plain = str(Path(__file__).with_name("plain_pandas.py"))
    with tempfile.TemporaryDirectory() as folder:
        for kind, rows in SIZES.items():
            if given.only and kind != given.only:
                continue
            path = Path(folder) / f"{kind}.csv"
            (write_ged if kind == "ged" else write_acled)(path, rows)
            print(f"{kind}: {rows:,} events, {path.stat().st_size / 1e6:,.0f} MB", flush=True)
            steps = [[python, plain, kind, str(path)] for python in (sys.executable, *given.pandas)]
            steps.append([sys.executable, __file__, "--step", kind, str(path)])
            runs: dict[tuple[str, str], list[tuple[float, float]]] = {}
            for step in steps * given.turns:
                time.sleep(REST)
                for who, name, taken, most in timed(step):
                    runs.setdefault((who, name), []).append((taken, most))
            medians = {}
            for (who, name), each in runs.items():
                taken_in_turn, peaks = zip(*each, strict=True)
                medians[who, name] = statistics.median(taken_in_turn)
                print(
                    f"  {who:<13} {name:<20} {medians[who, name]:6.2f} s ({min(taken_in_turn):.2f} to "
                    f"{max(taken_in_turn):.2f})   {max(peaks):.2f} GB at most"
                )
            whole = medians["casualties", "whole"]
            apart = ", ".join(
                f"{whole / value:.2f} to {who}" for (who, _), value in medians.items() if who != "casualties"
            )
            print(f"  ratio {apart}; target for the whole {TARGETS[kind]:.0f} s", flush=True)
            together = [sys.executable, __file__, "--together", kind, str(path), str(2 * given.turns)]
            subprocess.run(together, check=True)
            path.unlink()


if __name__ == "__main__":
    main()
