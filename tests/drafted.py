"""Builders of further files that a study can be drafted of. Every number and name in them is invented."""

from __future__ import annotations

import csv
from pathlib import Path

from layouts import days, invented_deaths

# The columns of an export of ACLED that are always there, and some that a report could trip over.
ACLED = (
    *("event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type", "sub_event_type"),
    *("actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction", "civilian_targeting"),
    *("iso", "region", "country", "admin1", "admin2", "admin3", "location", "latitude", "longitude", "geo_precision"),
    *("source", "source_scale", "notes", "fatalities", "tags", "timestamp"),
)


def acled_export(file: Path) -> int:
    """Write an export of ACLED, one event a day and area; give the deaths."""
    total = 0
    rows: list[list[object]] = []
    for at, day in enumerate(days()):
        for turn, area in enumerate(("North", "South")):
            dead = (invented_deaths(at) + turn) // 2
            total += dead
            cells: dict[str, object] = {
                "event_id_cnty": f"XXA{2 * at + turn}",
                "event_date": day.isoformat(),
                "year": day.year,
                "time_precision": 1,
                "disorder_type": "Political violence",
                "event_type": "Battles",
                "sub_event_type": "Armed clash",
                "actor1": "Army of A",
                "inter1": "State forces",
                "actor2": "Front B",
                "inter2": "Rebel group",
                "country": "Xanadu",
                "admin1": area,
                "location": f"Invented town {turn}",
                "latitude": 35.5,
                "longitude": 36.5,
                "geo_precision": 1,
                "fatalities": dead,
            }
            rows.append([cells.get(name, "") for name in ACLED])
    _write(file, ACLED, rows)
    return total


def best_only(file: Path) -> int:
    """Write a list of days, places and deaths, and nothing else; give the deaths."""
    dead = [(day.isoformat(), f"Invented town {at % 3}", invented_deaths(at)) for at, day in enumerate(days())]
    _write(file, ("Date", "Location", "Killed"), [row for row in dead if row[2]])
    return sum(row[2] for row in dead)


def civilians_without_sides(file: Path) -> int:
    """Write a list that tells civilians from all the dead, with ranges, and names no side; some events last days.

    Give the deaths.
    """
    rows: list[tuple[object, ...]] = []
    total = 0
    for at, day in enumerate(days()):
        for turn in range(2):
            dead = (invented_deaths(at) + turn) // 2
            if not dead:
                continue
            total += dead
            last = days()[min(at + (3 if at % 10 == 0 else 0), len(days()) - 1)]
            rows.append((len(rows) + 1, day.isoformat(), last.isoformat(), dead - 1, dead, dead + 2, dead // 3))
    names = ("ID", "Start date", "End date", "Minimum killed", "Killed", "Maximum killed", "Civilians killed")
    _write(file, names, rows)
    return total


def _write(file: Path, names: tuple[str, ...], rows: list) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(names)
        table.writerows(rows)
