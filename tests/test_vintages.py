"""What was known when. Deaths and events are whole numbers and add up exactly; shares of events are compared with
published ones to the digit that these give."""

import hashlib
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualties.errors import ConservationError, InputError, UnknownNameError
from casualties.events import Events
from casualties.provenance import SourceRecord
from casualties.series import daily_series
from casualties.sources.feed import read_feed
from casualties.vintages import (
    Triangle,
    VintageStore,
    compare_vintages,
    reporting_triangle,
    triangle_of_vintages,
)

ESTIMATES = ["low", "best", "high"]


def sample(*rows: dict[str, object], version: str = "1") -> Events:
    """Make events; each row says only how it differs from one exactly dated event of 1 May with six dead."""
    usual = {
        "date_start": "2019-05-01",
        "date_end": None,
        "date_prec": 1,
        "kind": 1,
        "side_a": "A",
        "side_b": "B",
        "adm1": "Idlib",
        "deaths_a": 1,
        "deaths_b": 2,
        "civilians": 3,
        "unknown": 0,
        "low": 5,
        "best": 6,
        "high": 8,
        "first_document": "2019-05-01",
        "flags": "",
    }
    filled = [{"id": str(number), **usual, **row} for number, row in enumerate(rows, start=1)]
    frame = pd.DataFrame(filled, columns=["id", *usual])
    frame["date_end"] = frame["date_end"].fillna(frame["date_start"])
    for name in ("date_start", "date_end", "first_document"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    rejected = pd.DataFrame(
        {"row": [9], "column": "best", "value": "x", "reason": "not a number", "id": "bad", "low": 1, "best": 2}
    ).assign(high=3)
    return Events(frame, rejected, SourceRecord(name="sample", version=version, notes=("given",)))


class TestAsOf:
    # id: first document against an event of 3 to 5 May, and the first evening on which the event is known.
    CASES = (
        ("2019-05-03", "2019-05-03"),
        ("2019-05-04", "2019-05-04"),
        ("2019-05-05", "2019-05-05"),
        ("2019-05-09", "2019-05-09"),
        ("2019-05-02", "2019-05-05"),
        (None, "2019-05-05"),
    )

    @pytest.mark.parametrize(("document", "evening"), CASES)
    @pytest.mark.parametrize("delay", [0, 3])
    def test_the_evening_on_which_an_event_becomes_known(self, document, evening, delay):
        made = sample({}, {"date_start": "2019-05-03", "date_end": "2019-05-05", "first_document": document})
        first = pd.Timestamp(evening) + pd.Timedelta(days=delay)
        day_before = made.as_of(first - pd.Timedelta(days=1), delay=delay)
        assert "2" not in set(day_before.accepted["id"])
        assert day_before.waiting.iloc[-1]["reason"].startswith("not yet known on")
        assert "2" in set(made.as_of(first, delay=delay).accepted["id"])

    def test_a_document_before_its_event_stands_in_the_ledger_and_makes_nothing_known(self):
        made = sample({}, {"date_start": "2019-05-03", "first_document": "2019-05-02", "flags": "no-adm1"})
        first, second, third = (made.as_of(day) for day in ("2019-05-01", "2019-05-02", "2019-05-03"))
        assert first.early_documents.empty
        for replay, known, use in (
            (second, ["1"], "it does not make it known"),
            (third, ["1", "2"], "it is left out and the event kept"),
        ):
            assert replay.accepted["id"].tolist() == known
            (entry,) = replay.early_documents.to_dict("records")
            assert (entry["id"], entry["column"], entry["value"]) == ("2", "first_document", "2019-05-02")
            assert entry["reason"] == f"the document is dated before its event: {use}"
            assert [pd.isna(entry[name]) for name in ("row", *ESTIMATES)] == [True] * 4
            assert replay.faults["id"].tolist() == ["bad"]
            assert replay.accepted["best"].sum() + replay.rejected["best"].sum() == 6 + 6 + 2
        assert second.waiting["id"].tolist() == ["2"]
        assert third.waiting.empty
        assert third.accepted["flags"].tolist() == ["", "no-adm1;no-usable-document;document-before-event"]
        assert third.accepted["first_document"].isna().tolist() == [False, True]
        # With a delay the document, too, is on file that much later.
        assert made.as_of("2019-05-03", delay=2).early_documents.empty
        assert len(made.as_of("2019-05-04", delay=2).early_documents) == 1

    def test_events_without_a_usable_document_are_counted(self):
        made = sample({}, {"first_document": None}, {"first_document": "2019-04-01"})
        assert made.as_of("2019-05-01").flagged().to_dict() == {"no-usable-document": 2, "document-before-event": 1}

    def test_a_place_of_which_nothing_is_known_yet_is_no_misspelling(self):
        made = sample({"cited": "SOHR"}, {"adm1": "Hamah", "side_b": "C", "date_start": "2019-05-03"})
        known = made.as_of("2019-05-02")
        options = {"start": "2019-05-01", "end": "2019-05-02", "spread": "even", "missing_days": "zero"}
        series = daily_series(known, where={"adm1": "Hamah"}, **options)
        assert series.frame["best"].tolist() == [0, 0]
        assert series.accounts["best"].sum() == 6 + 6 + 2
        assert daily_series(known, victims="C", without="no-usable-document", **options).frame["best"].sum() == 0
        assert daily_series(known, where={"adm1": ["Idlib", "Hamah"]}, **options).frame["best"].sum() == 6
        with pytest.raises(UnknownNameError, match=r"where\['adm1'\]='Hama' is not known; did you mean 'Hamah'"):
            daily_series(known, where={"adm1": "Hama"}, **options)
        with pytest.raises(UnknownNameError, match="victims='D' is not known"):
            daily_series(known, victims="D", **options)
        with pytest.raises(UnknownNameError, match=r"where\['adm1'\]='Hamah' is not known"):
            daily_series(replace(known, names={}), where={"adm1": "Hamah"}, **options)

    def test_the_ledger_names_what_is_waited_for(self):
        made = sample({}, {"first_document": "2019-05-08"}, {"date_end": "2019-05-09", "first_document": None})
        ledger = made.as_of("2019-05-02").rejected
        assert ledger["id"].tolist() == ["bad", "2", "3"]
        assert ledger["column"].tolist()[1:] == ["first_document", "date_end"]
        assert ledger["value"].tolist()[1:] == ["2019-05-08", "2019-05-09"]
        assert ledger["row"].tolist()[0] == 9
        assert ledger["row"].isna().tolist() == [False, True, True]
        assert ledger["best"].tolist() == [2, 6, 6]

    def test_the_record_says_what_it_is(self):
        known = sample({}, {"first_document": None}).as_of("2019-05-04", delay=2)
        assert known.record.version == "1, replayed as of 2019-05-04, coded after 2 days"
        assert known.record.notes[0] == "given"
        assert "it is a best case" in known.record.notes[1]
        assert known.record.notes[2].startswith("1 of the 2 events known have no document dated on or after")
        assert (known.record.coverage_start, known.record.coverage_end) == ("2019-05-01", "2019-05-01")

    def test_what_cannot_be_asked(self):
        made = sample({})
        with pytest.raises(InputError, match="column 'date', value '2019-05': this is not a day"):
            made.as_of("2019-05")
        with pytest.raises(InputError, match=r"covers 2019-05-01 to 2019-05-01 only; choose a later day"):
            made.as_of("2019-04-30")
        with pytest.raises(InputError, match="column 'delay', value '-1'"):
            made.as_of("2019-05-01", delay=-1)
        with pytest.raises(InputError, match=r"a replay already \(1, replayed as of 2019-05-02\)"):
            made.as_of("2019-05-02").as_of("2019-05-03")

    def test_the_original_is_left_alone(self, events):
        before, ledger = events.accepted.copy(), events.rejected.copy()
        events.as_of("2019-05-10")
        pd.testing.assert_frame_equal(events.accepted, before)
        pd.testing.assert_frame_equal(events.rejected, ledger)

    def test_the_study_on_10_may_2019(self, events):
        day = pd.Timestamp("2019-05-10")
        known = events.as_of("2019-05-10")
        assert known.accepted["date_start"].max() == day
        assert known.accepted["first_document"].max() == day
        assert (len(known.accepted), int(known.accepted["best"].sum())) == (15_231, 105_430)
        assert not (known.accepted["first_document"] < known.accepted["date_start"]).any()
        # 20 events have no document at all, and 248 one dated before them; of 4 more the event is not known yet.
        assert known.flagged()[["no-usable-document", "document-before-event"]].tolist() == [268, 248]
        early = events.accepted[events.accepted["first_document"] < events.accepted["date_start"]]
        assert set(known.early_documents["id"]) == set(early.loc[early["first_document"] <= day, "id"])
        assert len(known.waiting) == 1_335
        reasons = known.early_documents["reason"].str.partition(": ")[2].value_counts().to_dict()
        assert reasons == {"it is left out and the event kept": 248, "it does not make it known": 4}
        assert known.early_documents["value"].max() <= "2019-05-10"
        assert known.faults.empty
        for name in ESTIMATES:
            assert known.accepted[name].sum() + known.rejected[name].sum() == events.accepted[name].sum()
        assert len(known.accepted) + len(known.waiting) == len(events.accepted)
        assert len(known.rejected) == len(known.waiting) + len(known.early_documents)

    def test_replays_only_grow_and_end_at_the_whole(self, events):
        known: set[str] = set()
        for day in ("2016-01-01", "2017-07-01", "2019-04-30", "2019-05-01", "2019-12-02"):
            now = set(events.as_of(day).accepted["id"])
            assert known <= now
            known = now
        assert known == set(events.accepted["id"])
        # The provider's 263 documents before their event are these, and one whose year cannot be (1753) besides.
        assert int(events.as_of("2019-12-02").flagged()["document-before-event"]) == 262

    def test_a_series_of_a_replay_ends_with_its_day(self, study, events):
        place = study.at("north_west").where
        options = {"start": "2019-04-01", "end": "2019-06-30", "where": place, "spread": "even"}
        series = daily_series(events.as_of("2019-05-10"), **options, missing_days="zero")
        assert series.frame.loc[:"2019-05-10", "observed"].all()
        assert not series.frame.loc["2019-05-11":, "observed"].any()
        full = daily_series(events, **options, missing_days="zero")
        assert (series.frame["best"].loc[:"2019-05-10"] <= full.frame["best"].loc[:"2019-05-10"]).all()
        assert int(series.accounts["best"].sum()) == int(events.accepted["best"].sum())
        assert "2019-05-10" in series.basis("x").vintage


DAYS = st.integers(0, 20)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            **{name: st.integers(0, 50) for name in (*ESTIMATES, "civilians")},
            "start": DAYS,
            "lasts": st.integers(0, 5),
            "document": st.none() | DAYS,
            "date_prec": st.integers(1, 5),
        }
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(EVENTS, DAYS, DAYS, st.integers(0, 3))
def test_nothing_is_lost_whatever_the_events(rows, day, later, delay):
    first = pd.Timestamp("2019-05-01")
    made = []
    for row in rows:
        start, document = row.pop("start"), row.pop("document")
        dates = {"date_start": start, "date_end": start + row.pop("lasts"), "first_document": document}
        made.append({**row, **{name: n if n is None else first + pd.Timedelta(days=n) for name, n in dates.items()}})
    events = sample(*made)
    events = replace(events, record=replace(events.record, coverage_start="2019-05-01", coverage_end="2019-06-30"))
    days = [first + pd.Timedelta(days=number) for number in (day, later)]
    known = [events.as_of(date, delay=delay) for date in days]
    for replay, date in zip(known, days, strict=True):
        assert (replay.accepted["date_start"] <= date).all()
        assert not (replay.accepted["first_document"] > date).any()
        for name in ESTIMATES:
            assert replay.accepted[name].sum() + replay.rejected[name].sum() == (
                events.accepted[name].sum() + events.rejected[name].sum()
            )
        triangle = reporting_triangle(replay, start=first, end="2019-05-15", max_delay=5)
        assert triangle.accounts["deaths"].sum() == events.accepted["best"].sum() + events.rejected["best"].sum()
        assert triangle.accounts["events"].sum() == len(rows) + 1
    totals = compare_vintages(*known).totals
    for name in (*ESTIMATES, "civilians"):
        assert totals.loc[name, ["old", "new"]].tolist() == [replay.accepted[name].sum() for replay in known]


class TestStore:
    def test_events_come_back_as_they_were(self, tmp_path, events):
        store = VintageStore(tmp_path / "store")
        first, second = events.as_of("2019-05-10"), events
        store.add(first, "2019-05-10")
        store.add(second, "2019-12-31")
        for day, added in (("2019-05-10", first), ("2019-12-30", first), ("2020-06-01", second)):
            read = store.read(day)
            assert isinstance(read, Events)
            pd.testing.assert_frame_equal(read.accepted, added.accepted)
            # The ledger of a table without faults has no text from which its columns could take their type.
            pd.testing.assert_frame_equal(read.rejected, added.rejected, check_dtype=len(added.rejected) > 0)
            assert read.record == added.record
            assert read.names == added.names
        listed = store.vintages()
        assert listed["rows"].tolist() == [15_231, 16_566]
        assert listed["ledger"].tolist() == [1335 + 252, 0]
        assert listed["best"].tolist() == [105_430, 112_337]
        assert repr(store) == "<VintageStore 2 vintages, 2019-05-10 to 2019-12-31>"

    def test_parts_of_the_dead_come_back(self, tmp_path):
        made = sample({}, {"date_start": "2019-05-03", "first_document": "2019-05-04"})
        parted = replace(
            made, accepted=made.accepted.assign(women=pd.array([None, 2], dtype="Int64")), parts=("women",)
        )
        store = VintageStore(tmp_path)
        store.add(parted, "2019-05-08")
        assert store.read("2019-05-08").parts == ("women",)
        assert store.read("2019-05-08").as_of("2019-05-04").parts == ("women",)

    def test_a_sum_of_what_is_not_given_is_not_known(self, tmp_path):
        store = VintageStore(tmp_path)
        counts = {"best": [3, 4], "low": pd.array([None, 2], dtype="Int64"), "high": pd.array([None] * 2, "Int64")}
        store.add(pd.DataFrame({"id": ["a", "b"], **counts}), "2019-05-01")
        listed = store.vintages().iloc[0]
        assert listed[["best", "low"]].tolist() == [7, 2]
        assert listed[["high", "civilians", "civilians_not_given"]].isna().all()
        assert listed[["best_not_given", "low_not_given", "high_not_given"]].tolist() == [0, 1, 2]

    def test_cells_that_are_easily_confused_come_back(self, tmp_path):
        frame = pd.DataFrame(
            {
                "text": pd.Series(["", "NA", None, ' a,"b"\nc', "N"], dtype="str"),
                "number": [0.1, np.nan, 1e300, -0.0, 1 / 3],
                "whole": pd.array([1, None, 2**62 + 1, -3, 0], dtype="Int64"),
                "yes": [True, False, True, True, False],
                "maybe": pd.array([True, None, False, None, True], dtype="boolean"),
                "kind": pd.Series(["a", "b", "a", None, "b"], dtype="category"),
                "day": pd.array(
                    ["2019-05-01", None, "2019-05-01 13:00:00.000001", "1753-01-01", "2919-02-06"],
                    dtype="datetime64[us]",
                ),
            }
        )
        store = VintageStore(tmp_path)
        store.add(frame, "2019-05-01")
        pd.testing.assert_frame_equal(store.read("2019-05-01"), frame)
        one = VintageStore(tmp_path / "one")
        one.add(pd.DataFrame({"text": pd.Series([None, "", None], dtype="str")}), "2019-05-01")
        assert one.read("2019-05-01")["text"].isna().tolist() == [True, False, True]

    def test_the_same_table_gives_the_same_bytes(self, tmp_path):
        for name in ("a", "b"):
            VintageStore(tmp_path / name).add(sample({}), "2019-05-01")
        files = [sorted((tmp_path / name).iterdir()) for name in ("a", "b")]
        assert [file.name for file in files[0]] == ["2019-05-01-ledger.parquet", "2019-05-01.parquet", "index.json"]
        assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]

    @pytest.mark.parametrize("day", ["2019-05-02", "2019-05-01"])
    def test_nothing_is_replaced_or_put_before(self, tmp_path, day):
        store = VintageStore(tmp_path)
        store.add(sample({}), "2019-05-02")
        before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
        with pytest.raises(InputError, match=r"has a vintage of 2019-05-02, .*neither replaced nor put before"):
            store.add(sample({}, {}), day)
        assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before

    def test_a_break_leaves_the_store_as_it_was(self, tmp_path, monkeypatch):
        store = VintageStore(tmp_path)
        store.add(sample({}), "2019-05-01")
        index = (tmp_path / "index.json").read_bytes()

        import casualties.vintages.store as module

        def broken(path, data, whole=module._replace):
            if path.name == "index.json":
                raise OSError("the disk is full")
            whole(path, data)

        monkeypatch.setattr(module, "_replace", broken)
        with pytest.raises(OSError, match="disk is full"):
            store.add(sample({}, {}), "2019-05-02")
        monkeypatch.undo()
        assert (tmp_path / "index.json").read_bytes() == index
        assert len(store.vintages()) == 1
        store.add(sample({}, {}, {}), "2019-05-02")
        assert store.vintages()["rows"].tolist() == [1, 3]

    def test_two_writers_do_not_meet(self, tmp_path):
        store = VintageStore(tmp_path)
        (tmp_path / "index.lock").touch()
        with pytest.raises(InputError, match=r"index\.lock: another process is adding"):
            store.add(sample({}), "2019-05-01")

    def test_what_cannot_be_kept_or_read(self, tmp_path):
        store = VintageStore(tmp_path)
        with pytest.raises(InputError, match="the store is empty; add a vintage"):
            store.read("2019-05-01")
        for column in (pd.Series([{1}, 2]), pd.Series([1j, 2])):
            with pytest.raises(InputError, match=r"column 'odd'.*cannot be kept exactly"):
                store.add(pd.DataFrame({"id": ["1", "2"], "odd": column}), "2019-05-01")
        store.add(sample({}), "2019-05-01")
        with pytest.raises(InputError, match="keeps events, and this is table"):
            store.add(sample({}).accepted, "2019-05-02")
        with pytest.raises(InputError, match="the first vintage is of 2019-05-01; ask for a later day"):
            store.read("2019-04-30")
        file = tmp_path / "2019-05-01.parquet"
        data = file.read_bytes()
        for broken in (data[:40], b"", data[:-1] + b"x", data[:99] + bytes([data[99] ^ 1]) + data[100:], data + b" "):
            file.write_bytes(broken)
            with pytest.raises(InputError, match=r"^2019-05-01\.parquet: the vintage is not the one that was added"):
                store.read("2019-05-01")
        index = json.loads((tmp_path / "index.json").read_text())
        index["vintages"][0]["files"][0]["sha256"] = hashlib.sha256(b"no parquet").hexdigest()
        (tmp_path / "index.json").write_text(json.dumps(index))
        file.write_bytes(b"no parquet")
        with pytest.raises(InputError, match=r"^2019-05-01\.parquet: the vintage cannot be read as Parquet"):
            store.read("2019-05-01")
        file.unlink()
        with pytest.raises(InputError, match=r"^2019-05-01\.parquet: the vintage cannot be read \(No such file"):
            store.read("2019-05-01")
        (tmp_path / "index.json").write_text("{")
        with pytest.raises(InputError, match=r"index\.json: the index of the vintages cannot be read"):
            VintageStore(tmp_path)
        (tmp_path / "index.json").write_text(json.dumps({"layout": 9, "vintages": []}))
        with pytest.raises(InputError, match="layout 9, and this version reads 3"):
            VintageStore(tmp_path)


class TestChanges:
    old = sample({"id": "stays"}, {"id": "goes", "best": 10}, {"id": "grows"}, {"id": "falls"}, {"id": "moves"})
    new = sample(
        {"id": "moves", "adm1": "Hamah", "date_start": "2019-05-02"},
        {"id": "falls", "best": 1, "civilians": 0},
        {"id": "grows", "best": 9, "high": 20},
        {"id": "stays", "flags": "lookalike"},
        {"id": "bad", "best": 2},
        version="2",
    )

    def test_each_change_is_named(self):
        changes = compare_vintages(self.old, self.new)
        assert changes.added["id"].tolist() == ["bad"]
        assert changes.added["ledger"].tolist() == ["not a number"]
        assert changes.removed[["id", "best"]].to_numpy().tolist() == [["goes", -10]]
        revised = changes.revised.set_index("id")
        assert revised["columns"].to_dict() == {
            "grows": "best;high",
            "falls": "civilians;best",
            "moves": "date_start;date_end;adm1",
        }
        assert revised[["low", "best", "high", "civilians"]].to_numpy().tolist() == [
            [0, 3, 12, 0],
            [0, -5, 0, -3],
            [0, 0, 0, 0],
        ]
        assert changes.unchanged == 1
        assert changes.basis.vintage == "1 and 2"
        assert "1 events added, 1 removed, 3 revised (2 in their deaths), 1 unchanged" in changes.summary()
        assert changes.to_frame()["change"].tolist() == ["added", "removed", "revised", "revised", "revised"]

    def test_totals_add_up(self):
        totals = compare_vintages(self.old, self.new).totals
        assert totals.loc["best"].to_dict() == {
            "old": 34,
            "added": 2,
            "removed": 10,
            "revised": -2,
            "told": 0,
            "new": 24,
            "raised": 3,
            "lowered": 5,
            "old_not_given": 0,
            "new_not_given": 0,
        }
        assert (totals["raised"] - totals["lowered"] == totals["revised"]).all()

    def test_alike(self, events):
        changes = compare_vintages(events, events)
        assert changes.events.empty
        assert changes.unchanged == 16_566
        assert changes.totals.loc["best", ["old", "new"]].tolist() == [112_337, 112_337]

    def test_a_missing_figure_is_a_difference_and_adds_nothing(self):
        frame = self.old.accepted
        gone = frame.assign(low=pd.array([pd.NA, 5, 5, 5, 5], dtype="Int64"))
        changes = compare_vintages(frame, gone)
        assert changes.revised[["id", "columns"]].to_numpy().tolist() == [["stays", "low"]]
        assert changes.revised["low"].isna().all()
        names = ["old", "revised", "lowered", "told", "new", "old_not_given", "new_not_given"]
        assert changes.totals.loc["low", names].tolist() == [25, 0, 0, -5, 20, 0, 1]
        assert "1 revised (1 in their deaths)" in changes.summary()
        said = "low: 25 + 0 - 0 +0 -5 (given by one only) = 20 (events that do not give it: 1 new)"
        assert said in changes.summary()

    def test_a_figure_that_no_event_gives_is_no_zero(self):
        silent = self.old.accepted.assign(low=pd.array([pd.NA] * 5, dtype="Int64"))
        more = pd.concat([silent, silent.assign(id="new").head(1)], ignore_index=True)
        totals = compare_vintages(silent, more).totals
        assert totals.loc["low", ["old", "added", "new"]].isna().all()
        assert totals.loc["low", ["removed", "revised", "told"]].tolist() == [0, 0, 0]
        assert totals.loc["best", ["old", "added", "new"]].tolist() == [34, 6, 40]
        assert "low: not given" in compare_vintages(silent, more).summary()
        told = compare_vintages(silent, self.old.accepted)
        assert told.totals.loc["low", ["revised", "told", "new"]].tolist() == [0, 25, 25]
        assert "low: NA + 0 - 0 +0 +25 (given by one only) = 25 (events that do not give it: 5 old)" in (told.summary())

    def test_rows_are_not_compared_by_their_number(self):
        first, second = (
            replace(made, accepted=made.accepted.assign(flags="several-days;row-id"))
            for made in (sample({}), sample({"best": 9}, {}))
        )
        with pytest.raises(InputError, match="column 'old: id', value '1': the ids of 1 events are numbers of rows"):
            compare_vintages(first, second)
        with pytest.raises(InputError, match="compare totals only"):
            compare_vintages(sample({}), second)
        # Two replays of one file: its rows have not moved.
        same = [replace(made, record=replace(made.record, sha256="ab")) for made in (first, second)]
        assert len(compare_vintages(*same).added) == 1

    def test_a_day_of_the_study(self, events):
        changes = compare_vintages(events.as_of("2019-05-10"), events.as_of("2019-05-11"))
        assert (len(changes.removed), len(changes.revised)) == (0, 0)
        assert int(changes.added["best"].sum()) == changes.totals.loc["best", "added"] == 24
        assert changes.added["ledger"].eq("not yet known on 2019-05-10").all()

    def test_what_cannot_be_compared(self):
        frame = self.old.accepted
        with pytest.raises(InputError, match="column 'new: best': the column is missing"):
            compare_vintages(frame, frame.drop(columns="best"))
        with pytest.raises(InputError, match="column 'old: id', value 'x': the id is used twice"):
            compare_vintages(frame.assign(id="x"), frame)
        with pytest.raises(InputError, match="an event has no id"):
            compare_vintages(frame.assign(id=""), frame)


class TestTriangle:
    made = sample(
        {},
        {"first_document": "2019-05-03", "best": 4},
        {"first_document": "2019-05-04"},
        {"first_document": "2019-05-05"},
        {"first_document": "2019-04-30"},
        {"first_document": None},
        {"date_prec": 2},
        {"date_end": "2019-05-02"},
        {"date_start": "2019-05-02", "first_document": "2019-05-02", "best": 7, "civilians": 7},
        {"date_start": "2019-05-03", "first_document": "2019-05-03"},
        {"date_start": "2019-04-29", "first_document": "2019-05-03"},
        {"adm1": ""},
        {"adm1": "Homs"},
    )
    options = {"start": "2019-05-01", "end": "2019-05-02", "where": {"adm1": "Idlib"}, "max_delay": 3}  # noqa: RUF012

    def test_cells_and_account(self):
        triangle = reporting_triangle(self.made, **self.options)
        assert triangle.deaths.to_numpy().tolist() == [[6, 0, 4, 6], [7, 0, 0, 0]]
        assert triangle.events.to_numpy().tolist() == [[1, 0, 1, 1], [1, 0, 0, 0]]
        assert triangle.accounts["events"].to_dict() == {
            "in the triangle": 4,
            "delay above 3 days": 1,
            "document before the event": 1,
            "no document date": 1,
            "no exact day": 2,
            "before the window": 1,
            "after the window": 1,
            "elsewhere": 1,
            "no place recorded": 1,
            "other victims": 0,
            "not yet known": 0,
            "rows in the ledger": 1,
        }
        assert int(triangle.accounts["deaths"].sum()) == int(self.made.accepted["best"].sum()) + 2
        assert triangle.shares()["events"].tolist() == [0.5, 0, 0.25, 0.25]
        assert triangle.max_delay == 3
        assert "delay 0: 50.0% of events" in triangle.summary()

    def test_a_class_of_victims(self):
        triangle = reporting_triangle(self.made, **self.options, victims="civilians")
        assert triangle.deaths.to_numpy().tolist() == [[3, 0, 3, 3], [7, 0, 0, 0]]
        left = int(self.made.accepted["best"].sum() - self.made.accepted["civilians"].sum())
        assert triangle.accounts.loc["other victims"].tolist() == [0, left]

    def test_a_class_that_an_event_does_not_tell(self):
        number = len(self.made.accepted)
        women = pd.array([None, *[0] * (number - 1)], dtype="Int64")
        parted = replace(self.made, accepted=self.made.accepted.assign(women=women), parts=("women",))
        with pytest.raises(InputError, match="value 'women': the source does not say of every event how many"):
            reporting_triangle(parted, **self.options, victims="women")
        told = replace(parted, accepted=parted.accepted.assign(women=1))
        assert (
            "recorded deaths, women, sample best"
            in reporting_triangle(told, **self.options, victims="women").basis.label
        )

    def test_what_was_known_on_a_day(self):
        known = reporting_triangle(self.made, **self.options).known("2019-05-03")
        assert known.deaths.isna().to_numpy().tolist() == [[False, False, False, True], [False, False, True, True]]
        assert known.accounts.loc["not yet known"].tolist() == [1, 6]
        assert known.accounts.loc["in the triangle"].tolist() == [3, 17]
        frame = known.to_frame()
        assert list(frame) == ["date", "delay", "events", "deaths"]
        assert int(frame["deaths"].sum()) == 17
        assert frame["deaths"].isna().sum() == 3

    def test_a_replay_masks_itself_and_agrees(self, study, events):
        options = {"start": "2019-04-30", "end": "2019-08-31", "where": study.at("north_west").where, "max_delay": 7}
        known = reporting_triangle(events, **options).known("2019-08-15")
        replayed = reporting_triangle(events.as_of("2019-08-15"), **options)
        pd.testing.assert_frame_equal(replayed.deaths, known.deaths)
        pd.testing.assert_frame_equal(replayed.events, known.events)

    def test_weeks(self):
        made = sample(
            {"date_start": "2019-05-05", "first_document": "2019-05-06"},  # a Sunday and the Monday after
            {"date_start": "2019-05-06", "first_document": "2019-05-12"},
            {"date_start": "2019-05-08", "first_document": "2019-05-07"},
        )
        triangle = reporting_triangle(made, start="2019-04-29", end="2019-05-12", max_delay=1, unit="week")
        assert triangle.events.to_numpy().tolist() == [[0, 1], [1, 0]]
        assert triangle.accounts.loc["document before the event", "events"] == 1
        known = triangle.known("2019-05-12").events
        assert known.isna().to_numpy().tolist() == [[False, False], [False, True]]
        assert triangle.known("2019-05-11").events.isna().to_numpy().tolist() == [[False, True], [True, True]]

    def test_what_cannot_be_asked(self):
        with pytest.raises(InputError, match="the window ends before it starts"):
            reporting_triangle(self.made, start="2019-05-02", end="2019-05-01")
        with pytest.raises(InputError, match=r"value 'Wednesday 2019-05-01 to Sunday 2019-05-12'.*Monday to Sunday"):
            reporting_triangle(self.made, start="2019-05-01", end="2019-05-12", unit="week")
        with pytest.raises(UnknownNameError, match="unit='month' is not known"):
            reporting_triangle(self.made, start="2019-05-01", end="2019-05-12", unit="month")
        with pytest.raises(InputError, match="column 'max_delay', value '-1'"):
            reporting_triangle(self.made, start="2019-05-01", end="2019-05-12", max_delay=-1)

    def test_lost_deaths_are_noticed(self, monkeypatch):
        import casualties.vintages.triangle as module

        monkeypatch.setattr(module, "_cells", lambda *given, whole=module._cells: whole(*given) * 0)
        with pytest.raises(ConservationError, match="went in and"):
            reporting_triangle(self.made, **self.options)

    def test_the_delays_of_the_study(self, study, events):
        """The shares that the data's description gives, of 15,480 events dated to the day."""
        accepted = events.accepted
        exact = reporting_triangle(events, start="2016-01-01", end="2019-11-30", max_delay=7)
        assert int((accepted["date_prec"] == 1).sum()) == 15_480
        counted = exact.accounts["events"]
        assert counted["no exact day"] == len(accepted) - 15_480
        by_delay = exact.events.sum()
        assert by_delay[0] / 15_480 == pytest.approx(0.72, abs=0.005)
        assert by_delay[1] / 15_480 == pytest.approx(0.20, abs=0.005)
        assert by_delay.loc[2:].sum() / 15_480 == pytest.approx(0.034, abs=0.0005)
        assert counted["delay above 7 days"] / 15_480 == pytest.approx(0.03, abs=0.005)
        # 246 dated before the event; with the 19 that have no usable date 265, which is 1.7 %.
        assert counted[["document before the event", "no document date"]].tolist() == [246, 19]
        options = {"start": "2019-04-30", "end": "2019-08-31", "where": study.at("north_west").where, "max_delay": 7}
        offensive = reporting_triangle(events, **options)
        assert offensive.accounts["events"].loc[["in the triangle", "document before the event"]].tolist() == [688, 6]
        assert offensive.events.sum().loc[[0, 1]].tolist() == [605, 80]
        assert offensive.accounts.loc["delay above 7 days", "events"] == 0
        assert int(offensive.accounts["deaths"].sum()) == 112_337


class TestHistory:
    ROWS = (
        ("2024-01-02", "2024-01-01", "killed", "5"),
        ("2024-01-02", "2024-01-01", "source", "ministry"),
        ("2024-01-03", "2024-01-02", "killed", "9"),
        ("2024-01-03", "2024-01-02", "killed", "8"),
        ("2024-01-05", "2024-01-01", "killed", "7"),
        ("2024-01-05", "2024-01-02", "killed", ""),
        ("2024-01-04", "2024-01-01", "killed", "6"),
    )
    table = pd.DataFrame(ROWS, columns=["as_of", "report_date", "measure", "value"])

    def test_replay(self):
        history = triangle_of_vintages(self.table)
        assert history.measures == ["killed", "source"]
        assert history.as_of("2024-01-02")["killed"].tolist() == [5]
        assert history.as_of("2024-01-03")["killed"].tolist() == [5, 8]
        assert history.as_of("2024-01-03")["source"].isna().tolist() == [False, True]
        assert history.as_of("2024-01-04")["killed"].tolist() == [6, 8]
        # The row that stands last was written last, though its date is earlier; the emptied cell is gone.
        assert history.as_of("2024-01-05")["killed"].tolist() == [6]
        assert history.out_of_order == 1
        assert len(history.dates) == 4
        assert repr(history) == "<CellHistory feed: 7 changes on 4 days, 2024-01-02 to 2024-01-05>"

    def test_numbers_and_dates_may_come_typed(self):
        typed = self.table.assign(
            value=pd.to_numeric(self.table["value"], errors="coerce"), as_of=pd.to_datetime(self.table["as_of"])
        )
        assert triangle_of_vintages(typed).as_of("2024-01-04")["killed"].tolist() == [6, 8]

    def test_triangle(self):
        history = triangle_of_vintages(self.table)
        triangle = history.triangle("killed", start="2024-01-01", end="2024-01-02", max_delay=3)
        assert isinstance(triangle, Triangle)
        assert triangle.deaths.to_numpy().tolist() == [[0, 0, 0, -1], [0, 8, 0, -8]]
        # Day 1: five in the first vintage, two more after four days, one less in the row dated after three.
        assert triangle.accounts["deaths"].to_dict() == {
            "in the triangle": -1,
            "delay above 3 days": 2,
            "entered before the day": 0,
            "in the first vintage": 5,
            "before the window": 0,
            "after the window": 0,
            "not yet known": 0,
        }

    def test_what_cannot_be_asked(self):
        history = triangle_of_vintages(self.table)
        with pytest.raises(InputError, match="the first vintage is of 2024-01-02"):
            history.as_of("2024-01-01")
        with pytest.raises(UnknownNameError, match="measure='kiled' is not known; did you mean 'killed'"):
            history.triangle("kiled", start="2024-01-01", end="2024-01-02")
        with pytest.raises(InputError, match="value 'source': the measure is no whole number"):
            history.triangle("source", start="2024-01-01", end="2024-01-02")
        with pytest.raises(InputError, match="column 'measure': the column is missing"):
            triangle_of_vintages(self.table.drop(columns="measure"))
        with pytest.raises(InputError, match="there is no vintage"):
            triangle_of_vintages(self.table.iloc[:0])
        with pytest.raises(InputError, match=r"row 2, column 'as_of', value '02\.01\.2024': not a date"):
            triangle_of_vintages(self.table.assign(as_of="02.01.2024"))


@pytest.fixture(scope="module")
def gaza(shared):
    return pd.read_csv(shared / "palestine-daily-gaza" / "gaza_vintages.csv", dtype="str", keep_default_na=False)


@pytest.fixture(scope="module")
def history(gaza):
    return triangle_of_vintages(gaza)


@pytest.mark.shared
class TestGaza:
    @pytest.mark.parametrize("day", ["2024-01-15", "2024-03-31", "2025-03-18", "2026-06-28", "2026-08-22"])
    def test_any_date_by_an_independent_count(self, gaza, history, day):
        known = gaza[gaza["as_of"] <= day].groupby(["report_date", "measure"]).tail(1)
        known = known[known["value"] != ""]
        made = history.as_of(day)
        assert made.notna().sum().sum() == len(known)
        wide = known.pivot_table(index="report_date", columns="measure", values="value", aggfunc="first")
        for name in wide:
            found = made[name].dropna()
            assert [f"{date:%Y-%m-%d}" for date in found.index] == list(wide[name].dropna().index)
            assert [str(value) for value in found] == list(wide[name].dropna())

    def test_the_last_vintage_is_the_feed(self, shared, history):
        file = shared / "palestine-daily-gaza" / "gaza_casualties_daily.json"
        feed = pd.DataFrame(json.loads(file.read_text(encoding="utf-8"))).set_index("report_date")
        last = history.as_of("2026-08-22")
        assert [f"{date:%Y-%m-%d}" for date in last.index] == list(feed.index)
        for name in history.measures:
            kind = "str" if name == "report_source" else "Int64"
            assert last[name].astype(kind).tolist() == feed[name].astype(kind).tolist() or (
                last[name].isna().tolist() == feed[name].isna().tolist()
                and last[name].dropna().tolist() == feed[name].dropna().tolist()
            )
        assert int(last["killed"].sum()) == 68_864
        assert int(last["ext_killed"].sum()) == 73_419

    def test_the_file_and_its_defect(self, history):
        assert len(history.frame) == 8438
        assert len(history.dates) == 616
        # Versions of 28 June 2026 follow on one that is dated 29 June.
        assert history.out_of_order == 8

    def test_revisions_add_up(self, history):
        triangle = history.triangle("killed", start="2024-06-01", end="2026-08-22")
        assert int(triangle.accounts["deaths"].sum()) == 68_864

    def test_every_vintage_by_playing_the_file_row_by_row(self, gaza, history):
        """Every twentieth of the 616 dates: what stands after the last row that is dated on or before each of them."""
        rows = list(gaza[["as_of", "report_date", "measure", "value"]].itertuples(index=False, name=None))
        for day in [f"{date:%Y-%m-%d}" for date in history.dates[::20]]:
            cells = {(report, measure): value for as_of, report, measure, value in rows if as_of <= day}
            made = history.as_of(day)
            for name in ("killed", "killed_cum", "ext_killed"):
                expected = {
                    report: int(value) for (report, measure), value in cells.items() if measure == name and value
                }
                found = made[name].dropna()
                assert dict(zip(found.index.strftime("%Y-%m-%d"), found.tolist(), strict=True)) == expected

    @pytest.mark.parametrize("day", ["2024-01-19", "2024-03-31", "2025-03-18", "2026-06-28", "2026-08-22"])
    def test_the_series_of_any_date(self, gaza, history, day):
        feed = history.feed(day, {"date": "report_date", "killed": "killed", "running": "killed_cum", "new": "running"})
        known = gaza[gaza["as_of"] <= day].drop_duplicates(["report_date", "measure"], keep="last")
        totals = known[(known["measure"] == "killed_cum") & (known["value"] != "")].sort_values("report_date")
        moved = feed.frame["increment"].sum() + feed.frame["revision"].sum()
        assert moved == int(totals["value"].iloc[-1]) - feed.base
        last = pd.Timestamp(totals["report_date"].iloc[-1])
        assert last <= pd.Timestamp(day)
        options = {"start": feed.frame["date"].min(), "end": last, "spread": "even", "missing_days": "missing"}
        series = daily_series(feed, **options)
        assert series.accounts["best"].sum() == feed.deaths.sum()
        assert feed.record.version.startswith("vintage of 202")

    def test_a_vintage_shows_what_a_replay_of_the_last_file_cannot(self, shared, history):
        mapping = {"date": "report_date", "killed": "killed"}
        file = shared / "palestine-daily-gaza" / "gaza_casualties_daily.json"
        now = read_feed(file, {**mapping, "period": "report_period"})
        then = history.feed("2024-02-15", mapping).frame.set_index("date")["killed"]
        replay = now.as_of("2024-02-15").frame.set_index("date")["killed"]
        # On that day the file lacked the counts of 41 days and had others for 13.
        both = then.index.intersection(replay.dropna().index)
        assert (len(then), len(replay), int((then[both] != replay[both]).sum())) == (91, 132, 13)
        assert (int(then.sum()), int(replay.sum())) == (18_900, 24_108)

    def test_before_the_first_count_there_is_no_series(self, history):
        assert history.as_of("2024-01-15")["killed"].isna().all()
        with pytest.raises(InputError, match="no row can be used"):
            history.feed("2024-01-15", {"date": "report_date", "killed": "killed"})
        with pytest.raises(UnknownNameError, match="mapped column='kiled' is not known; did you mean 'killed'"):
            history.feed("2024-03-31", {"date": "report_date", "killed": "kiled"})
