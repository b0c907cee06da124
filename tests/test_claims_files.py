"""Files of claims: what is read, what is refused and with which words, the command, and the page of the docs."""

import io
import json
import re
import shlex

import pandas as pd
import pytest

import casualties as ca
from casualties.claims.rules import RULES
from casualties.claims.statements import MEASURES, RELATIONS
from casualties.claims.terms import COMPARISONS, READINGS
from casualties.cli import main
from casualties.errors import InputError, UnknownNameError
from casualties.sources.claims import CLAIM_COLUMNS, read_claims

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
ROW = {
    "claim_id": "1",
    "measure": "killed",
    "operator": ">",
    "value": "10",
    "place": "Idlib",
    "period_start": "2019-05-01",
    "period_end": "2019-05-31",
}
TOML = """
[[claims]]
claim_id = "1"
measure = "killed"
operator = ">"
value = 10
place = "Idlib"
period_start = 2019-05-01
period_end = 2019-05-31
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(folder, *rows: dict[str, str], name: str = "claims.csv"):
    file = folder / name
    pd.DataFrame([{**ROW, **row} for row in rows]).fillna("").to_csv(file, index=False)
    return file


class TestReading:
    def test_a_table_and_a_toml_file_say_the_same(self, study, tmp_path):
        (tmp_path / "claims.toml").write_text(TOML)
        from_table = ca.check_claims(study, table(tmp_path, {}))
        from_toml = ca.check_claims(study, tmp_path / "claims.toml")
        pd.testing.assert_frame_equal(from_table.checks, from_toml.checks)

    def test_a_workbook(self, study, tmp_path):
        pd.DataFrame([ROW]).to_excel(tmp_path / "claims.xlsx", index=False)
        assert ca.check_claims(study, tmp_path / "claims.xlsx").answers["verdict"].tolist() == ["supported"]

    def test_the_note_is_not_read(self, tmp_path):
        file = table(tmp_path, {"note": "not to be printed", "headline": "nor this"})
        assert not {"note", "headline"} & set(read_claims(file).frame)
        (tmp_path / "claims.toml").write_text(TOML + 'note = "not to be printed"\n')
        assert list(read_claims(tmp_path / "claims.toml").frame) == list(CLAIM_COLUMNS)

    def test_order_of_the_rows_changes_nothing(self, study, tmp_path):
        shipped = pd.read_csv(ca.bundled() / "claims.csv", dtype=str, keep_default_na=False)
        shipped.iloc[::-1].to_csv(tmp_path / "claims.csv", index=False)
        turned, straight = ca.check_claims(study, tmp_path / "claims.csv"), ca.check_claims(study)
        key = ["claim_id", "place", "source"]
        pd.testing.assert_frame_equal(
            turned.checks.sort_values(key, ignore_index=True), straight.checks.sort_values(key, ignore_index=True)
        )
        assert len(turned.inconsistencies) == len(straight.inconsistencies)

    def test_a_place_by_its_name_label_or_words(self, study, tmp_path):
        rows = [{"claim_id": place, "place": place} for place in ("idlib", "Idlib Governorate", "Idlib")]
        assert len(set(ca.check_claims(study, table(tmp_path, *rows)).checks["figure"])) == 1

    def test_a_place_without_a_meaning_is_not_testable(self, study, tmp_path):
        row = ca.check_claims(study, table(tmp_path, {"place": "Atlantis"})).checks.iloc[0]
        assert row["verdict"] == "not testable"
        assert row["reason"] == "no place is declared for 'Atlantis': declare it under [terms.places]"

    def test_words_give_the_number_and_the_days(self, study, tmp_path):
        row = {"value": "", "period_start": "", "words": "dozens; late April", "operator": "mean >="}
        found = ca.check_claims(study, table(tmp_path, {**row, "measure": "killed per day"})).checks.iloc[0]
        assert (found["value"], found["start"]) == (24, pd.Timestamp("2019-04-30"))

    def test_terms_of_the_file_come_after_those_of_the_study(self, study, tmp_path):
        own = '[terms.places]\n"Idlib" = { label = "a town", where = { place = "Saraqib town" } }\n'
        (tmp_path / "claims.toml").write_text(TOML + own)
        assert ca.check_claims(study, tmp_path / "claims.toml").checks["place"].tolist() == ["a town"]


class TestRefused:
    @pytest.mark.parametrize(
        ("row", "message"),
        [
            ({"measure": "kiled"}, r"^claims\.csv, row 2, column 'measure', value 'kiled': .*did you mean 'killed'"),
            ({"operator": "=>"}, r"row 2, column 'operator', value '=>': this is not known"),
            ({"operator": "denied"}, r"column 'operator'.*'killed' does not take this; write = or >"),
            ({"measure": "escalation"}, r"'escalation' does not take this; write is unusual"),
            ({"measure": "escalation", "operator": "is unusual"}, r"column 'words'.*how rare is unusual"),
            ({"value": "2 000"}, r"column 'value', value '2 000': this is not a number.*without spaces"),
            ({"value": "-1"}, r"column 'value', value '-1': this is not a number"),
            ({"value": "nan"}, r"value 'nan': this is not a number"),
            ({"value": ""}, r"column 'value'.*the claim gives no number"),
            ({"measure": "share of killed", "value": "90"}, r"value '90': a share lies between 0 and 1; write 90 %"),
            ({"period_start": "1 May 2019"}, r"column 'period_start', value '1 May 2019': this is not a date"),
            ({"period_start": ""}, r"column 'period_start'.*the claim has no such day"),
            ({"period_end": "2019-04-30"}, r"column 'period_end'.*ends before it starts"),
            ({"place": ""}, r"column 'place'.*the claim names no place"),
            ({"claim_id": ""}, r"column 'claim_id'.*the claim has no name"),
            ({"words": "dozn"}, r"column 'words', value 'dozn': these words have no reading; did you mean 'dozen'"),
            ({"relation": "above 1"}, r"column 'relation', value 'above 1': the relation is not known; write higher"),
            ({"relation": "higher than 9"}, r"row 2, column 'relation', value '9': the relation names no other claim"),
            ({"relation": "higher than 1"}, r"column 'relation', value '1': the relation names no other claim"),
            ({"other_counts": "many"}, r"column 'other_counts', value 'many': this is no count"),
            ({"other_counts": "262 2019-06-31"}, r"value '262 2019-06-31': this is no count"),
            ({"published_date": "soon"}, r"column 'published_date', value 'soon': this is not a date"),
        ],
    )
    def test_a_cell(self, study, tmp_path, row, message):
        with pytest.raises(InputError, match=message):
            ca.check_claims(study, table(tmp_path, row))

    def test_a_name_twice(self, study, tmp_path):
        with pytest.raises(InputError, match=r"row 3, column 'claim_id', value '1': the name is used by an earlier"):
            ca.check_claims(study, table(tmp_path, {}, {}))

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", r"claims\.csv"),
            ("claim_id,measure\n1,killed\n", r"column 'operator': the column is missing; claims need claim_id"),
            ("claim_id,measure,operator\n1\n", r"^claims\.csv, row 2: the row has 1 cells"),
        ],
    )
    def test_a_table(self, study, tmp_path, text, message):
        (tmp_path / "claims.csv").write_text(text)
        with pytest.raises(InputError, match=message):
            ca.check_claims(study, tmp_path / "claims.csv")

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("[[claims]\n", r"^claims\.toml: it cannot be read"),
            ("claims = 3\n", r"column '\[\[claims\]\]': there are no claims"),
            ("claims = [3]\n", r"row 1, column '\[\[claims\]\]', value '3': a claim is a table"),
            ("x = 1\n", r"table='x' is not known"),
            (TOML + "vaule = 3\n", r"entry='vaule' is not known; did you mean 'value'"),
            (TOML + "unit = true\n", r"row 1, column 'unit', value 'True': a word, a number or a day"),
            (TOML + "[terms.place]\na = 'idlib'\n", r"\[terms\] entry='place' is not known; did you mean 'places'"),
            (TOML + "[terms]\nplaces = 3\n", r"column '\[terms.places\]', value '3': a table is needed"),
            (TOML + "[terms.places]\na = 'idlb'\n", r"is not known; did you mean 'idlib'"),
            (TOML + "[terms.places]\na = []\n", r"no place is named"),
            (TOML + "[terms.places]\na = { adm1 = 'x' }\n", r"a place is the name of a declared place, or columns"),
            (TOML + "[terms.victims]\na = 3\n", r"column '\[terms.victims.a\]', value '3': a name is needed"),
            (TOML + "[terms.readings]\na = 3\n", r"value '3': a reading sets one thing; write { value = 12 }"),
            (TOML + "[terms.readings]\na = { value = 1, chance = 0.1 }\n", r"a reading sets one thing"),
            (TOML + "[terms.readings]\na = { value = 'x' }\n", r"value 'x': a number of at least 0 is needed"),
            (TOML + "[terms.readings]\na = { chance = 1 }\n", r"a number from 0 to below 1 is needed"),
            (TOML + "[terms.readings]\na = { start = 'May' }\n", r"value 'May': this is not a date"),
            (TOML + "[terms.readings]\na = { operator = '~' }\n", r"value '~': this is no comparison"),
        ],
    )
    def test_a_toml_file(self, study, tmp_path, text, message):
        (tmp_path / "claims.toml").write_text(text)
        with pytest.raises(InputError, match=message):
            ca.check_claims(study, tmp_path / "claims.toml")

    def test_a_place_that_the_events_do_not_have(self, study, tmp_path):
        own = '[terms.places]\n"Idlib" = { where = { place = "Sarakib town" } }\n'
        (tmp_path / "claims.toml").write_text(TOML + own)
        with pytest.raises(UnknownNameError, match=r"Sarakib town"):
            ca.check_claims(study, tmp_path / "claims.toml")

    def test_readings(self, study):
        with pytest.raises(UnknownNameError, match=r"reading='dozn' is not known; did you mean 'dozen'"):
            ca.check_claims(study, readings={"dozn": 3})
        with pytest.raises(InputError, match=r"value 'many': a number of at least 0 is needed"):
            ca.check_claims(study, readings={"dozen": "many"})

    def test_a_study_without_claims(self, study):
        with pytest.raises(InputError, match=r"^study\.toml: the study has no claims published by 2019-07-21"):
            ca.check_claims(study.replay("2019-07-21"))


class TestCommand:
    def test_the_fact_check(self, capsys):
        assert main(["claims", "idlib-2019"]) == 0
        printed = capsys.readouterr().out
        assert printed.startswith("18 claims: supported 4, contradicted 5, undecided 3, not testable 6\n")
        for title in ("What each source holds", "What does not fit inside the report", "How words were read"):
            assert f"\n{title}\n" in printed
        assert "the record would have to miss 44 deaths" in re.sub(r"\s*│\n.*?│", " ", printed)
        assert "UCDP GED 303401" in printed

    def test_as_a_table_for_machines(self, here, capsys):
        assert main(["claims", "idlib-2019", "--format", "csv"]) == 0
        found = pd.read_csv(io.StringIO(capsys.readouterr().out))
        assert set(found["verdict"]) == {"supported", "contradicted", "undecided", "not testable"}
        assert main(["claims", "idlib-2019", "--format", "json", "--out", "checks.json"]) == 0
        assert len(json.loads((here / "checks.json").read_text(encoding="utf-8"))) == len(found)

    def test_another_reading(self, here, capsys):
        words = ["--reading", "dozen=9", "--format", "csv"]
        assert main(["claims", "idlib-2019", *words]) == 0
        found = pd.read_csv(io.StringIO(capsys.readouterr().out))
        assert found.loc[found["claim_id"] == 10, "verdict"].tolist() == ["supported"]

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["--reading", "dozen"], "casualties: column '--reading', value 'dozen': a reading is words and a value"),
            (["--claims", "none.csv"], "none.csv"),
            (["--as-of", "2019-07-01"], "study.toml: the study has no claims published by 2019-07-01"),
        ],
    )
    def test_errors_are_one_line(self, here, capsys, words, message):
        assert main(["claims", "idlib-2019", *words]) == 2
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1


class TestPage:
    @pytest.fixture
    def page(self, root) -> str:
        return (root / "docs" / "claims.md").read_text(encoding="utf-8")

    def test_the_commands_print_what_it_says(self, here, page, capsys):
        seen = []
        for block in BLOCK.findall(page):
            command, _, printed = block.removeprefix("$ ").partition("\n")
            program, *words = shlex.split(command)
            seen.append(program)
            if program == "cat":
                (here / words[0]).write_text(printed, encoding="utf-8")
                continue
            assert main(words) == 0
            found = capsys.readouterr().out
            assert [line.rstrip() for line in found.strip().splitlines()] == printed.rstrip().splitlines()
        assert seen == ["cat", "casualties", "cat"]
        assert main(["claims", "idlib-2019", "--claims", "claims.csv"]) == 0
        assert main(["claims", "idlib-2019", "--claims", "claims.toml", "--reading", "dozens=48"]) == 0
        assert "contradicted 3" in capsys.readouterr().out

    def test_it_names_every_column_measure_relation_and_rule(self, page):
        for name in (*CLAIM_COLUMNS, *MEASURES, *COMPARISONS):
            assert f"`{name}`" in page
        assert all(f"`{words} 1`" in page for words in RELATIONS)
        for operator, rule in RULES.items():
            assert f"| {COMPARISONS.get(operator, operator)} | {rule.supported} | {rule.contradicted} |" in page

    def test_what_it_says_of_the_sharp_rise_is_what_the_command_prints(self, here, page, capsys):
        told = re.search(r"had a chance of ([\d.]+), between ([\d.]+) and ([\d.]+) by its high and low count", page)
        assert told is not None
        answers = {}
        for words in ([], ["--reading", "sharp rise=0.1"]):
            assert main(["claims", "idlib-2019", *words, "--format", "csv"]) == 0
            found = pd.read_csv(io.StringIO(capsys.readouterr().out), dtype={"claim_id": str}).set_index("claim_id")
            answers[found.loc["7", "value"]] = found.loc["7", "verdict"]
            assert [f"{found.loc['7', name]:.3f}" for name in ("figure", "low", "high")] == list(told.groups())
        assert answers == {0.01: "contradicted", 0.1: "supported"}
        assert READINGS["sharp rise"]["chance"] == 0.01

    def test_its_readings_are_those_of_the_package(self, page):
        for words in ("dozen", "almost every day", "so far", "sharp rise", "deaths that a record misses"):
            ((sets, value), *_) = READINGS[words].items()
            assert f'"{words}" = {{ {sets} = {json.dumps(value)}' in page
