"""Where a table stands in its file: encoding, delimiter, sheet, row of the header and list of records."""

import json

import openpyxl
import pytest

from casualties.errors import InputError
from casualties.sources.drafting.locate import locate

ROWS = "التاريخ;عدد القتلى;المكان\n30/04/2019;3;حلب\n01/05/2019;2;إدلب\n"


def save(folder, content, name="list.csv", encoding="utf-8"):
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return file


def book(folder, **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(folder / "list.xlsx")
    return folder / "list.xlsx"


TABLE = [["Date", "Killed"], ["2019-04-30", 3], ["2019-05-01", 2]]


def hide(file, name):
    made = openpyxl.load_workbook(file)
    made[name].sheet_state = "hidden"
    made.active = next(number for number, sheet in enumerate(made) if sheet.title != name)
    made.save(file)
    return file


class TestHidden:
    def test_a_visible_sheet_comes_before_a_longer_hidden_one(self, tmp_path):
        found = locate(hide(book(tmp_path, backup=[*TABLE, ["2019-05-02", 90]], data=TABLE), "backup"))
        assert found.layout.sheet == "data"
        assert "'data', the only visible one with a table, is taken; 'backup' (hidden)" in found.doubts[0]

    def test_the_only_table_may_be_hidden_and_is_said_to_be(self, tmp_path):
        found = locate(hide(book(tmp_path, backup=TABLE, notes=[["nothing here"]]), "backup"))
        assert found.layout.sheet == "backup"
        assert "is taken, though it is hidden" in found.doubts[0]

    def test_a_tie_is_called_a_tie(self, tmp_path):
        (doubt,) = locate(book(tmp_path, **{"2018": TABLE, "2019": TABLE})).doubts
        assert "'2018', the first by name of 2 with 2 rows each, is taken; '2019'" in doubt


class TestText:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1256", "utf-16"])
    def test_encodings_of_arabic(self, tmp_path, encoding):
        found = locate(save(tmp_path, ROWS, encoding=encoding))
        assert found.table.frame.columns.tolist() == ["التاريخ", "عدد القتلى", "المكان"]
        assert found.layout.encoding == encoding.removesuffix("-sig")
        assert not found.doubts

    def test_western_text_is_a_doubt(self, tmp_path):
        found = locate(save(tmp_path, "Date,Killed,Lieu\n2019-04-30,3,Orléans\n", encoding="windows-1252"))
        assert found.layout.encoding == "windows-1252"
        assert "windows-1252" in found.doubts[0]

    def test_a_header_below_titles_and_a_blank_row(self, tmp_path):
        found = locate(save(tmp_path, f"A list of deaths;;\n;;\n{ROWS}"))
        assert found.layout.header == 3
        assert found.table.frame.index.tolist() == [4, 5]
        assert "row 3" in found.remarks["header"]

    @pytest.mark.parametrize(
        "content", ["2019-04-30,3,Invented One\n2019-05-01,2,Invented Two\n", "Invented One,Idlib\nInvented Two,Hama\n"]
    )
    def test_rows_of_data_are_not_taken_for_a_header(self, tmp_path, content):
        with pytest.raises(InputError, match=r"^list\.csv: none of the first 15 rows looks like a header") as caught:
            locate(save(tmp_path, content))
        assert "Invented" not in str(caught.value)

    def test_what_cannot_be_read_says_why(self, tmp_path):
        with pytest.raises(InputError, match="empty"):
            locate(save(tmp_path, ""))
        with pytest.raises(InputError, match="there is no such file"):
            locate(tmp_path / "none.csv")


class TestWorkbook:
    def test_one_sheet_needs_no_name(self, tmp_path):
        assert locate(book(tmp_path, Deaths=TABLE)).layout.sheet == ""

    def test_the_sheet_with_dates(self, tmp_path):
        about = [["Name of the list", "Source"], ["invented", "a test"]]
        found = locate(book(tmp_path, About=about, Deaths=TABLE))
        assert found.layout.sheet == "Deaths"
        assert not found.doubts

    def test_two_sheets_that_would_do_are_a_doubt(self, tmp_path):
        found = locate(book(tmp_path, Old=TABLE, Deaths=[*TABLE, ["2019-05-02", 1]]))
        assert found.layout.sheet == "Deaths"
        assert "'Old' could be meant too" in found.doubts[0]

    def test_titles_above_the_header(self, tmp_path):
        found = locate(book(tmp_path, Deaths=[["An invented list"], [], *TABLE]))
        assert found.layout.header == 3
        assert len(found.table.frame) == 2


class TestRecords:
    ROWS = ({"date": "2019-04-30", "killed": 3}, {"date": "2019-05-01", "killed": 2})

    @pytest.mark.parametrize(
        ("wrap", "path"),
        [
            (lambda rows: rows, ""),
            (lambda rows: {"about": "x", "days": rows}, ""),
            (lambda rows: {"data": {"days": rows}}, "data.days"),
        ],
    )
    def test_lists_and_where_they_stand(self, tmp_path, wrap, path):
        found = locate(save(tmp_path, json.dumps(wrap(list(self.ROWS))), "daily.json"))
        assert found.layout.records == path
        assert len(found.table.frame) == 2

    def test_two_lists_are_a_doubt(self, tmp_path):
        content = {"notes": [{"text": "x"}], "days": list(self.ROWS)}
        found = locate(save(tmp_path, json.dumps(content), "daily.json"))
        assert found.layout.records == "days"
        assert "'notes' could be meant too" in found.doubts[0]

    def test_lines_and_broken_json(self, tmp_path):
        lines = "\n".join(map(json.dumps, self.ROWS))
        assert len(locate(save(tmp_path, lines, "daily.jsonl")).table.frame) == 2
        with pytest.raises(InputError, match="cannot be read as JSON"):
            locate(save(tmp_path, "[", "daily.json"))
