"""Builders of three files as people keep them. Every person, place of an event and number in them is invented.

``python tests/layouts.py FOLDER`` makes the three in a folder.
"""

from __future__ import annotations

import csv
import json
import sys
from datetime import date, timedelta
from pathlib import Path

import openpyxl

FIRST = date(2021, 1, 1)
AREAS = ("إدلب", "حلب", "حماه", "اللاذقية")
TOWNS = ("أريحا", "عفرين", "محردة", "جبلة")


def invented_deaths(day: int) -> int:
    """Give the deaths of a day: few until the sixtieth, then more."""
    return (day * 7) % 4 if day < 60 else 3 + (day * 5) % 7


def days() -> list[date]:
    return [FIRST + timedelta(number) for number in range(120)]


def victim_list(file: Path) -> int:
    """Write a list of persons as a workbook with Arabic headers under two rows of title; give the number of persons."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["قائمة مُختلَقة للاختبار"])
    sheet.append([])
    sheet.append(["الرقم", "الاسم", "العمر", "الجنس", "تاريخ الاستشهاد", "المحافظة", "المكان", "الصفة"])
    persons = 0
    for number, day in enumerate(days()):
        for turn in range(invented_deaths(number)):
            persons += 1
            sheet.append(
                [
                    persons,
                    f"شخص مُختلَق {persons}",
                    (persons * 13) % 70 + 1,
                    "أنثى" if persons % 3 == 0 else "ذكر",
                    day.strftime("%d/%m/%Y"),
                    AREAS[turn % 4],
                    TOWNS[turn % 4],
                    "مقاتل" if persons % 5 == 0 else "مدني",
                ]
            )
    book.save(file)
    return persons


def event_list(file: Path) -> int:
    """Write a list of events in ACLED's manner under other names; give the deaths."""
    total = 0
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(
            [
                *("Event ID", "Date", "Event type", "Actor 1", "Actor 2", "Governorate", "Location", "Lat", "Long"),
                *("Fatalities", "Civilian fatalities", "Notes"),
            ]
        )
        number = 0
        for at, day in enumerate(days()):
            for turn, area in enumerate(("Idleb", "Aleppo")):
                dead = (invented_deaths(at) + turn) // 2
                if not dead:
                    continue
                number += 1
                total += dead
                table.writerow(
                    [
                        *(f"INV{number}", day.strftime("%d %B %Y"), "Shelling", "Group One", "Group Two", area),
                        *(f"Invented town {turn}", 35.9 + turn / 10, 36.6 + turn / 10),
                        *(dead, dead // 2, f"Note {number}"),
                    ]
                )
    return total


def running_total(file: Path) -> int:
    """Write daily reports with a running total as JSON; give the last total."""
    total, reports = 0, []
    for number, day in enumerate(days()):
        total += invented_deaths(number)
        reports.append({"report_date": day.isoformat(), "killed_cum": total, "injured_cum": 3 * total})
    text = json.dumps({"about": "invented for tests", "reports": reports}, indent=1)
    file.write_text(text + "\n", encoding="utf-8")
    return total


BUILDERS = {"list.xlsx": victim_list, "events.csv": event_list, "daily.json": running_total}


def main(folder: str) -> None:
    """Make the three files, and say which."""
    home = Path(folder)
    home.mkdir(parents=True, exist_ok=True)
    for name, build in BUILDERS.items():
        sys.stdout.write(f"{name}: {build(home / name)} invented deaths\n")


if __name__ == "__main__":
    main(*sys.argv[1:2] or ["."])
