"""Events and published totals for tests, row by row: what a test does not give is one plain value for all."""

import pandas as pd

from casualties.events import Events
from casualties.provenance import SourceRecord
from casualties.tolls import Tolls


def events(*rows: dict[str, object]) -> Events:
    base = {
        "id": "1",
        "date_start": "2019-05-10",
        "date_end": None,
        "side_a": "Government",
        "side_b": "Rebels",
        "adm1": "North",
        "place": "Town",
        "deaths_a": 0,
        "deaths_b": 0,
        "civilians": 0,
        "unknown": 0,
        "low": None,
        "best": None,
        "high": None,
        "cited": "",
        "kind": "1",
        "first_document": None,
    }
    filled = []
    for number, row in enumerate(rows):
        one = {**base, "id": str(number), **row}
        best = sum(int(one[name]) for name in ("deaths_a", "deaths_b", "civilians", "unknown"))
        for name in ("low", "best", "high"):
            one[name] = best if one[name] is None else one[name]
        one["date_end"] = one["date_end"] or one["date_start"]
        filled.append(one)
    frame = pd.DataFrame(filled)
    for name in ("date_start", "date_end", "first_document"):
        frame[name] = pd.to_datetime(frame[name])
    record = SourceRecord(name="Event list", coverage_start="2019-01-01", coverage_end="2019-11-30")
    return Events(frame, pd.DataFrame(), record)


def tolls(*rows: dict[str, object]) -> Tolls:
    base = {
        "claimant": "Counter",
        "published_date": "2019-07-01",
        "period_start": "2019-05-01",
        "period_end": "2019-05-31",
        "area": "everywhere",
        "who": "all",
        "attributed_to": "all parties",
        "value": 10,
        "qualifier": "",
        "kind": "window_toll",
        **dict.fromkeys(("children", "women", "men", "injured", "civilians_of_value")),
    }
    frame = pd.DataFrame([{**base, "row_id": str(number), **row} for number, row in enumerate(rows)])
    for name in ("published_date", "period_start", "period_end"):
        frame[name] = pd.to_datetime(frame[name])
    for name in ("value", "children", "women", "men", "injured", "civilians_of_value"):
        frame[name] = frame[name].astype("Int64")
    return Tolls(frame, pd.DataFrame(), SourceRecord(name="Published totals"))
