"""A study declares everything once; what is wrong in it is said with the entry, the value and what to do."""

import shutil

import pandas as pd
import pytest

from casualties.errors import InputError, UnknownNameError
from casualties.events import Events
from casualties.feeds import Feed
from casualties.study import bundled, load_study
from casualties.tolls import Tolls

EVENTS = """id,type_of_violence,date_prec,date_start,date_end,side_a,side_b,adm_1,deaths_a,deaths_b,deaths_civilians,\
deaths_unknown,low,best,high
1,1,1,2019-05-01,2019-05-01,Government of Syria,HTS,Idlib,1,2,3,0,5,6,8
2,1,1,2019-05-02,2019-05-03,Government of Syria,HTS,Hama,1,1,0,0,2,2,2
"""
DAILY = """printed,day,dead
2019-05-02,2019-05-01,7
2019-05-02,2019-05-01,8
"""
STUDY = """
[study]
name = "sample"
title = "Sample"
subtitle = "A study for tests"
place = "Somewhere"
period = "May 2019"
data_as_of = "2019-12-01"
version = "0.1.0"
version_date = "2020-01-01"

[settings]
level = 0.9

[sources.ged]
file = "ged.csv"
format = "ucdp-ged"
coverage_start = 2019-05-01
coverage_end = "2019-05-31"

[sources.daily]
file = "daily.csv"
format = "feed"
[sources.daily.mapping]
report_date = "printed"
date = "day"
killed = "dead"

[places.idlib]
label = "Idlib Governorate"
where.adm1 = "Idlib"

[places.everywhere]
label = "everywhere"

[actors]
government = "Government of Syria"
both = ["Government of Syria", "HTS"]

[windows.may]
start = 2019-05-01
end = "2019-05-31"

[areas]
"Idlib province" = "idlib"
"Syria" = ""

[series.idlib]
source = "ged"
place = "idlib"
start = 2019-05-01
end = "2019-05-03"
spread = "even"
missing_days = "zero"
"""


MAY = "[windows.may]\nstart = 2019-05-01\n"


@pytest.fixture
def folder(tmp_path):
    """Give a small study in a folder of its own."""
    home = tmp_path / "sample"
    home.mkdir()
    (home / "study.toml").write_text(STUDY, encoding="utf-8")
    (home / "ged.csv").write_text(EVENTS, encoding="utf-8")
    (home / "daily.csv").write_text(DAILY, encoding="utf-8")
    return home


def change(folder, old, new, file="study.toml"):
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def refuse(work, match, folder):
    """Check that a message fits, and does not show where the study lies."""
    with pytest.raises(InputError, match=match) as caught:
        work()
    assert str(folder.parent) not in str(caught.value)


@pytest.fixture(scope="module")
def shipped():
    return load_study("idlib-2019")


class TestBundled:
    def test_sources_are_read_and_typed(self, shipped):
        sources = shipped.sources
        assert {name: type(source) for name, source in sources.items()} == {
            "ucdp": Events,
            "sohr": Feed,
            "tolls": Tolls,
        }
        assert [len(source.faults) for source in sources.values()] == [0, 0, 0]

    @pytest.mark.parametrize("where", ["idlib-2019", bundled(), str(bundled()), bundled() / "study.toml"])
    def test_by_name_folder_or_file(self, where):
        assert load_study(where).name == "idlib-2019"

    def test_every_declared_series_can_be_made(self, shipped):
        for name in shipped.declared:
            made = shipped.series(name)
            assert made.frame["observed"].any()
            assert made.record == shipped.sources[shipped.declared[name]["source"]].record

    def test_every_place_actor_and_area_stands_in_the_events(self, shipped):
        for place in shipped.places:
            assert shipped.series("north_west", place=place).total.value > 0
        for actors in shipped.actors.values():
            assert set(actors) <= set(shipped.sources["ucdp"].actors())
        assert set(shipped.area_places()) <= set(shipped.sources["tolls"].frame["area"])

    def test_every_area_and_window_leads_somewhere(self, shipped):
        assert shipped.area_places()["Syria"] is None
        for window in shipped.windows.values():
            assert window.start <= window.end

    def test_claims_are_read_as_text(self):
        claims = load_study("idlib-2019").claims()
        assert len(claims) == 18
        assert claims.iloc[0][["claim_id", "value"]].tolist() == ["1", "27"]

    def test_unknown_name_gives_the_choices(self):
        with pytest.raises(UnknownNameError, match=r"study='idlib-2018' is not known; did you mean 'idlib-2019'"):
            load_study("idlib-2018")

    def test_a_folder_of_reports_with_the_study_s_name_is_not_mistaken_for_it(self, tmp_path, monkeypatch):
        (tmp_path / "idlib-2019").mkdir()
        monkeypatch.chdir(tmp_path)
        assert load_study("idlib-2019").name == "idlib-2019"

    def test_a_folder_without_a_study(self, tmp_path):
        with pytest.raises(InputError, match=r"the folder has no study\.toml; name a folder that has one"):
            load_study(tmp_path)


class TestSeries:
    def test_declared_choices(self, folder):
        made = load_study(folder).series("idlib")
        assert made.counts.tolist() == [6, 0, 0]
        assert made.label == "recorded deaths, all victims, ged best, Idlib Governorate"

    def test_choices_can_be_replaced(self, folder):
        study = load_study(folder)
        assert study.series("idlib", place="everywhere").counts.tolist() == [6, 1, 1]
        assert study.series("idlib", place="everywhere", spread="start").counts.tolist() == [6, 2, 0]

    def test_a_place_given_as_columns_takes_the_stead_of_the_declared_one(self, folder):
        made = load_study(folder).series("idlib", where={"adm1": "Hama"})
        assert made.counts.tolist() == [0, 1, 1]
        assert "Idlib" not in made.label

    def test_a_place_is_given_once(self, folder):
        refuse(
            lambda: load_study(folder).series("idlib", place="idlib", where={"adm1": "Hama"}),
            r"^study\.toml, column '\[series\.idlib\] place, where': a place is given twice",
            folder,
        )

    @pytest.mark.parametrize(
        ("victims", "total"), [("government", 1), ("both", 3), ("Government of Syria", 1), ("civilians", 3)]
    )
    def test_groups_of_actors(self, folder, victims, total):
        assert load_study(folder).series("idlib", victims=victims).total.value == total

    @pytest.mark.parametrize(
        ("options", "match"),
        [
            ({"spred": "even"}, r"study\.toml: \[series\.idlib\] entry='spred' is not known; did you mean 'spread'"),
            ({"place": "idlip"}, r"study\.toml: place='idlip' is not known; did you mean 'idlib'"),
            ({"source": "get"}, r"study\.toml: \[series\.idlib\] source='get' is not known; did you mean 'ged'"),
            ({"victims": "goverment"}, "victims='goverment' is not known"),
            ({"spread": "evenly"}, "spread='evenly' is not known; did you mean 'even'"),
        ],
    )
    def test_unknown_names(self, folder, options, match):
        with pytest.raises(UnknownNameError, match=match):
            load_study(folder).series("idlib", **options)

    def test_unknown_series(self, folder):
        with pytest.raises(UnknownNameError, match=r"study\.toml: series='idlip' is not known; did you mean 'idlib'"):
            load_study(folder).series("idlip")

    @pytest.mark.parametrize("key", ["source", "start", "end", "spread", "missing_days"])
    def test_a_series_must_say_its_choices(self, folder, key):
        lines = (folder / "study.toml").read_text().split("[series.idlib]")
        kept = [line for line in lines[1].splitlines() if not line.startswith(f"{key} =")]
        (folder / "study.toml").write_text(lines[0] + "[series.idlib]" + "\n".join(kept))
        refuse(
            lambda: load_study(folder).series("idlib"),
            rf"^study\.toml, column '\[series\.idlib\] {key}': the entry is missing; add it$",
            folder,
        )

    def test_a_feed_of_the_study(self, folder):
        change(folder, 'source = "ged"\nplace = "idlib"', 'source = "daily"')
        made = load_study(folder).series("idlib", missing_days="missing")
        assert made.counts[:1].tolist() == [8]

    def test_window_and_place(self, folder):
        study = load_study(folder)
        assert (study.window("may").start, study.window("may").end) == ("2019-05-01", "2019-05-31")
        with pytest.raises(UnknownNameError, match=r"window='mai' is not known; did you mean 'may'"):
            study.window("mai")
        assert study.area_places() == {"Idlib province": {"adm1": ("Idlib",)}, "Syria": None}


class TestFiles:
    def test_no_data(self, folder):
        text = (folder / "study.toml").read_text()
        (folder / "study.toml").write_text(text[: text.index("[sources.ged]")])
        refuse(
            lambda: load_study(folder),
            r"^study\.toml, column '\[sources\]': the study has no data; declare a source$",
            folder,
        )

    def test_missing_file_names_the_nearest(self, folder):
        (folder / "ged.csv").rename(folder / "ged2.csv")
        refuse(
            lambda: load_study(folder).sources,
            r"^ged\.csv: the file of source 'ged' is missing; did you mean 'ged2\.csv'\?$",
            folder,
        )

    def test_missing_file_with_nothing_near(self, folder):
        change(folder, 'file = "ged.csv"', 'file = "zz"')
        refuse(
            lambda: load_study(folder).sources,
            "^zz: the file of source 'ged' is missing; put it beside study.toml$",
            folder,
        )

    def test_a_file_that_is_not_the_declared_one(self, folder):
        change(folder, 'format = "feed"', f'format = "feed"\nsha256 = "{"0" * 64}"')
        refuse(
            lambda: load_study(folder).sources,
            r"^daily\.csv: the file is not the one that study\.toml declares \(SHA-256 \w{12}…, declared 0{12}…\)",
            folder,
        )

    def test_a_changed_byte_of_the_bundled_study_is_named(self, tmp_path):
        copy = shutil.copytree(bundled(), tmp_path / "idlib")
        with open(copy / "published_tolls.csv", "ab") as stream:
            stream.write(b"\n")
        refuse(lambda: load_study(copy).sources, r"^published_tolls\.csv: the file is not the one", copy)

    def test_hash_is_recorded_where_none_is_declared(self, folder):
        assert len(load_study(folder).sources["ged"].record.sha256) == 64

    @pytest.mark.parametrize(
        ("file", "old", "new", "row", "column", "value"),
        [
            ("ged.csv", "5,6,8", "5,-6,8", 2, "best", "-6"),
            ("daily.csv", ",8", ",x", 3, "dead", "x"),
        ],
    )
    @pytest.mark.parametrize("declared", ["", 'on_rejected = "stop"\n'])
    def test_rows_that_cannot_be_used_stop_the_work(self, folder, file, old, new, row, column, value, declared):
        change(folder, old, new, file)
        change(folder, "[settings]\n", f"[settings]\n{declared}")
        refuse(
            lambda: load_study(folder).sources,
            rf"^{file}, row {row}, column '{column}', value '{value}': .*that cannot be used: 1\).*on_rejected",
            folder,
        )

    def test_rows_that_cannot_be_used_are_counted_where_the_study_says_so(self, folder):
        change(folder, "5,6,8", "5,-6,8", "ged.csv")
        change(folder, "[settings]\n", '[settings]\non_rejected = "ledger"\n')
        source = load_study(folder).sources["ged"]
        assert (len(source.accepted), len(source.rejected)) == (1, 1)

    def test_a_second_report_is_no_fault(self, folder):
        feed = load_study(folder).sources["daily"]
        assert len(feed.rejected) == 1
        assert feed.faults.empty


class TestEntries:
    @pytest.mark.parametrize(
        ("old", "new", "match"),
        [
            ('format = "feed"', 'format = "feeds"', r"\[sources\.daily\] format='feeds' .*; did you mean 'feed'"),
            ('format = "feed"\n', "", r"column '\[sources\.daily\] format': the entry is missing; add it"),
            ('file = "daily.csv"\n', "", r"column '\[sources\.daily\] file': the entry is missing; add it"),
            ('format = "feed"', 'format = "feed"\nlicense = "x"', r"entry='license' .*; did you mean 'licence'"),
            ("[windows.may]", "[window.may]", r"table='window' is not known; did you mean 'windows'"),
            ('title = "Sample"\n', "", r"column '\[study\] title': the entry is missing"),
            (
                "level = 0.9",
                'forecasts = ["2019-04-31"]',
                r"\[settings\] forecasts', value '2019-04-31': this is not a day",
            ),
            ("level = 0.9", 'nowcast = "July"', r"\[settings\] nowcast', value 'July': this is not a day"),
            ("level = 0.9", 'references = ["autum"]', r"\[settings\] references='autum' .*is not known"),
            ("level = 0.9", 'on_rejected = "stopp"', r"\[settings\] on_rejected='stopp' .*; did you mean 'stop'"),
            ("level = 0.9", "draws = 1", r"\[settings\] draws', value '1': the number of draws is a whole number"),
            ("level = 0.9", 'draws = "20"', r"\[settings\] draws'.*of at least 2, or 0 for none"),
            ("level = 0.9", "draws = true", r"\[settings\] draws', value 'True'"),
            (MAY, MAY.replace("2019-05-01", '"2019-05-32"'), r"\[windows\.may\] start.*not a date"),
            (MAY, MAY.replace("2019-05-01", "2019-06-01"), "the window ends before it starts"),
            (
                "coverage_start = 2019-05-01",
                'coverage_start = "May"',
                r"\[sources\.ged\] coverage_start', value 'May': this is not a date",
            ),
            (
                '[places.everywhere]\nlabel = "everywhere"',
                '[places]\neverywhere = "x"',
                r"column '\[places\.everywhere\]', value 'x': a table is needed",
            ),
            ("level = 0.9", "level = 0.9.1", r"^study\.toml: it cannot be read \(.*line 13.*\); correct the file"),
        ],
    )
    def test_wrong_entries(self, folder, old, new, match):
        change(folder, old, new)
        refuse(lambda: load_study(folder), match, folder)

    @pytest.mark.parametrize(
        ("victims", "end", "settings", "chosen"),
        [
            ("civilians", "2019-05-03", "", "others"),
            ("civilians", "2019-05-02", "", ""),  # of other days than the main series
            ("combatants", "2019-05-03", "", ""),
            ("civilians", "2019-05-03", 'civilian_series = ""', ""),
        ],
    )
    def test_the_civilians_of_the_main_series_are_found(self, folder, victims, end, settings, chosen):
        entry = STUDY[STUDY.index("[series.idlib]") :].replace("idlib]", "others]").replace("2019-05-03", end)
        with (folder / "study.toml").open("a", encoding="utf-8") as stream:
            stream.write(f'{entry}victims = "{victims}"\n')
        change(folder, "level = 0.9", f"level = 0.9\n{settings}")
        assert load_study(folder).settings["civilian_series"] == chosen

    def test_a_value_where_a_table_belongs(self, folder):
        (folder / "study.toml").write_text('study = "sample"\n')
        refuse(
            lambda: load_study(folder),
            r"^study\.toml, column '\[study\]', value 'sample': a table is needed here",
            folder,
        )

    def test_mapping_without_a_needed_entry(self, folder):
        change(folder, 'killed = "dead"\n', "")
        refuse(
            lambda: load_study(folder).sources,
            r"^daily\.csv, column 'killed': the mapping does not name this column",
            folder,
        )

    def test_dates_need_no_quotation_marks(self, folder):
        record = load_study(folder).records["ged"]
        assert (record.coverage_start, record.coverage_end) == ("2019-05-01", "2019-05-31")

    def test_claims_with_a_broken_row(self, folder):
        (folder / "claims.csv").write_text("claim_id,value\n1,2\n2\n")
        change(folder, "[sources.daily]", '[sources.claims]\nfile = "claims.csv"\nformat = "claims"\n[sources.daily]')
        refuse(
            lambda: load_study(folder).claims(),
            r"^claims\.csv, row 3: the row has 1 cells where the header has 2",
            folder,
        )

    def test_no_claims(self, folder):
        pd.testing.assert_frame_equal(load_study(folder).claims(), pd.DataFrame())


class TestReplay:
    def test_a_series_as_of_a_day_ends_on_it_and_knows_less(self):
        study = load_study("idlib-2019")
        replayed, final = study.series("north_west", as_of="2019-05-31"), study.series("north_west")
        assert str(replayed.end.date()) == "2019-05-31"
        known = final.frame["best"].loc[:"2019-05-31"]
        assert int(replayed.frame["best"].sum()) < int(known.sum())
        # The deaths of events that were not known yet are accounted for, with those of all later events.
        assert int(replayed.accounts["best"].sum()) == int(final.accounts["best"].sum()) == 112337
        assert int(replayed.accounts.loc["not yet known", "best"]) == 112337 - int(
            study.sources["ucdp"].as_of("2019-05-31").accepted["best"].sum()
        )

    def test_a_feed_is_replayed_by_its_reports(self):
        study = load_study("idlib-2019")
        replayed, final = study.series("syria_sohr", as_of="2019-05-31"), study.series("syria_sohr")
        # The report on 31 May was made on 1 June.
        assert not replayed.frame.loc["2019-05-31", "observed"]
        pd.testing.assert_frame_equal(replayed.frame.loc[:"2019-05-30"], final.frame.loc[:"2019-05-30"])
        assert int(replayed.accounts["best"].sum()) == int(final.accounts["best"].sum())

    def test_the_whole_study_ends_with_the_day(self):
        whole, study = load_study("idlib-2019"), load_study("idlib-2019", as_of="2019-07-31")
        day = pd.Timestamp("2019-07-31")
        events, feed, tolls = (study.find(kind) for kind in (Events, Feed, Tolls))
        assert events.accepted["date_start"].max() <= day
        assert events.accepted["first_document"].max() <= day
        assert feed.frame["report_date"].max() <= day
        assert tolls.frame["published_date"].max() <= day
        assert {source.record.version.rpartition(" ")[2] for source in study.sources.values()} == {"2019-07-31"}
        for name in study.declared:
            series = study.series(name)
            assert series.end == day
            assert int(series.accounts["best"].sum()) == int(whole.series(name).accounts["best"].sum())
        assert max(window.end for window in study.windows.values()) == "2019-07-31"
        assert set(whole.windows) - set(study.windows) == {"ceasefire", "after"}
        assert study.settings["turns"] == ["onset"]
        assert study.settings["trend_windows"] == ["before", "weeks_around", "offensive"]
        assert study.settings["forecasts"] == ["2019-04-29", "2019-07-21"]
        assert study.settings["nowcast"] == "2019-07-22"
        assert (study.as_of, study.period) == ("2019-07-31", "17 September 2018 to 31 July 2019")
        assert (whole.as_of, whole.settings["turns"]) == ("", ["onset", "ceasefire"])
        assert len(study.claims()) == len(whole.claims())
        assert study.claims().equals(whole.claims())
        assert whole.replay("2019-07-21").claims().empty
        assert all("as known on 2019-07-31" in words for _, _, words in study.attachments())

    def test_a_series_that_has_not_begun_is_left_out(self, folder):
        change(folder, "[series.idlib]", '[windows.later]\nstart = "2019-05-20"\nend = "2019-05-31"\n\n[series.idlib]')
        with (folder / "study.toml").open("a") as stream:
            stream.write(
                '\n[series.later]\nsource = "ged"\nstart = "2019-05-20"\nend = "2019-05-31"\n'
                'spread = "even"\nmissing_days = "zero"\n'
            )
        study = load_study(folder)
        assert {"later"} <= set(study.declared) & set(study.windows)
        replay = study.replay("2019-05-10")
        assert "later" not in {*replay.declared, *replay.windows}

    def test_what_cannot_be_replayed(self):
        study = load_study("idlib-2019")
        with pytest.raises(InputError, match="value '2019-07': this is not a day"):
            study.replay("2019-07")
        with pytest.raises(InputError, match="column 'as_of, main_window', value '2019-04-01, offensive': the study's"):
            study.replay("2019-04-01")
        with pytest.raises(InputError, match="column 'as_of, main_series', value '2018-01-01, north_west'"):
            study.replay("2018-01-01")
        with pytest.raises(InputError, match=r"a replay already \(as of 2019-07-31\)"):
            study.replay("2019-07-31").replay("2019-07-31")

    def test_published_totals_of_which_none_was_published_are_none(self):
        study = load_study("idlib-2019").replay("2019-04-30")
        assert study.sources["tolls"].frame.empty
        assert len(study.sources["tolls"].waiting) == 115
        assert study.find(Tolls) is None


@pytest.mark.parametrize(
    ("entry", "match"),
    [
        pytest.param("seed = " + "9" * 5_000, "it cannot be read", id="digits beyond measure"),
        pytest.param("seed = " + "[" * 5_000 + "]" * 5_000, "it cannot be read", id="nested without end"),
    ],
)
def test_a_study_file_that_would_break_its_parser_is_one_clear_error(tmp_path, entry, match):
    (tmp_path / "study.toml").write_text(f"[settings]\n{entry}\n", encoding="utf-8")
    with pytest.raises(InputError, match=match):
        load_study(tmp_path)


@pytest.mark.parametrize(
    ("before", "after", "match"),
    [
        ('file = "ged_syria.csv"', 'file = ["ged_syria.csv"]', r"\[sources\.ucdp\] file"),
        ("where.adm1 = [", "where = 3 # [", r"\[places\.\w+\] where"),
    ],
)
def test_an_entry_of_another_kind_is_named(tmp_path, root, before, after, match):
    text = (root / "data" / "idlib-2019" / "study.toml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "study.toml").write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InputError, match=match):
        load_study(tmp_path)
