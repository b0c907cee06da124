"""A table file is read cell by cell with its row numbers, or refused with one clear message.

A message names the file alone, never the folder it lies in, unless the path itself is what is wrong.
"""

import gzip
import json
import re
import subprocess
import sys
import time
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casualties.errors import InputError
from casualties.sources.files import delimited, spreadsheets
from casualties.sources.files.tables import Layout, read_table


def write(tmp_path, content, name="list.csv"):
    file = tmp_path / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def refuse(file, match, **options):
    """Check that a file is refused with a message that fits and does not show its folder; give the error."""
    with pytest.raises(InputError, match=match) as caught:
        read_table(file, **options)
    assert str(file.parent) not in str(caught.value)
    return caught.value


class TestReading:
    def test_every_cell_is_text_as_it_stands(self, tmp_path):
        frame = read_table(write(tmp_path, "id,best,note\n007,3.0,NA\n8, 4 ,\n")).frame
        assert frame.to_dict("list") == {"id": ["007", "8"], "best": ["3.0", " 4 "], "note": ["NA", ""]}
        assert frame.dtypes.unique().tolist() == [pd.StringDtype(na_value=float("nan"))]

    def test_row_numbers_are_those_of_a_spreadsheet(self, tmp_path):
        table = read_table(write(tmp_path, "id,best\n1,2\n\n   \n3,4\n,\n5,6\n"))
        assert table.frame.index.tolist() == [2, 5, 7]
        assert table.frame["id"].tolist() == ["1", "3", "5"]

    def test_blank_lines_above_the_header_are_counted(self, tmp_path):
        table = read_table(write(tmp_path, "\n\nid,best\n1,2\n"), required=["id"])
        assert table.frame.index.tolist() == [4]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    def test_line_ends_and_byte_order_mark(self, tmp_path, end, mark):
        table = read_table(write(tmp_path, f"{mark}id,place{end}1,إدلب{end}2,b{end}"), required=["id"])
        assert table.frame["place"].tolist() == ["إدلب", "b"]
        assert table.frame.index.tolist() == [2, 3]

    def test_quoted_cells_hold_commas_quotes_and_line_ends(self, tmp_path):
        frame = read_table(write(tmp_path, 'id,note\n1,"a, ""b""\nc"\n2,d\n')).frame
        assert frame["note"].tolist() == ['a, "b"\nc', "d"]
        assert frame.index.tolist() == [2, 3]

    def test_header_is_stripped_and_nameless_columns_are_left_out(self, tmp_path):
        frame = read_table(write(tmp_path, ",id , best,,\n0,1,2,,\n1,3,4,,\n"), required=["id", "best"]).frame
        assert frame.to_dict("list") == {"id": ["1", "3"], "best": ["2", "4"]}

    def test_short_and_long_rows_are_named_and_kept_for_the_ledger(self, tmp_path):
        table = read_table(write(tmp_path, "id,low,best\n1,2,3\n4,5\n\n6,7,8,9\n"))
        assert table.faults == {
            3: "the row has 2 cells where the header has 3",
            5: "the row has 4 cells where the header has 3",
        }
        assert table.frame.loc[3].tolist() == ["4", "5", ""]
        assert table.frame.loc[5].tolist() == ["6", "7", "8"]

    def test_dropped_columns_leave_only_a_digest_that_tells_rows_apart(self, tmp_path):
        text = "id,headline,source,best\n1,Anna,x,2\n2,Anna,x,2\n3,Anna,y,2\n4,Ann,ax,2\n"
        table = read_table(write(tmp_path, text), drop=["headline", "source", "absent"])
        assert list(table.frame) == ["id", "best"]
        assert table.unread.tolist()[0] == table.unread.tolist()[1]
        assert table.unread.nunique() == 3
        assert table.unread.dtype == "int64"

    @pytest.mark.parametrize("name", ["list.csv.gz", "LIST.CSV.GZ"])
    def test_gz(self, tmp_path, name):
        assert read_table(write(tmp_path, gzip.compress(b"id\n1\n"), name)).frame["id"].tolist() == ["1"]

    @pytest.mark.parametrize("name", ["list.zip", "LIST.ZIP"])
    def test_zip_with_a_codebook_and_the_shadows_of_macos(self, tmp_path, name):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("codebook.pdf", "%PDF")
            archive.writestr("ged/List.CSV", "id\n1\n")
            archive.writestr("__MACOSX/ged/._List.CSV", b"\0\1")
        assert read_table(tmp_path / name).frame["id"].tolist() == ["1"]

    def test_a_row_number_is_found_fast_in_a_long_file(self, tmp_path):
        file = write(tmp_path, "id,best\n" + "1,2,3\n" * 100_000)
        start = time.perf_counter()
        assert len(read_table(file).faults) == 100_000
        # About 0.2 s here; quadratic work on 100,000 rows would take minutes.
        assert time.perf_counter() - start < 10


class TestPaths:
    def test_wrong_path_names_the_nearest_file(self, tmp_path):
        write(tmp_path, "id\n1\n", "ged_syria.csv")
        with pytest.raises(InputError, match=r"no such file; did you mean 'ged_syria\.csv'\? check the path"):
            read_table(tmp_path / "ged_siria.csv")

    def test_wrong_folder(self, tmp_path):
        with pytest.raises(InputError, match=r"list\.csv: there is no such file; check the path"):
            read_table(tmp_path / "none" / "list.csv")

    def test_relative_path_stays_as_it_was_given(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with pytest.raises(InputError) as caught:
            read_table("none.csv")
        assert str(caught.value) == "none.csv: there is no such file; check the path"

    def test_folder(self, tmp_path):
        with pytest.raises(InputError, match="this is a folder, not a file; name the file in it"):
            read_table(tmp_path)


class TestNotATable:
    @pytest.mark.parametrize("content", [b"", b"  \n\n", b"\n"])
    def test_empty(self, tmp_path, content):
        refuse(write(tmp_path, content), r"^list\.csv: the file is empty; export the table again$")

    @pytest.mark.parametrize("content", ["\ufeff", "\ufeff\r\n"])
    def test_nothing_but_a_byte_order_mark(self, tmp_path, content):
        refuse(write(tmp_path, content), r"^list\.csv: the file is empty; export the table again$")

    def test_only_commas(self, tmp_path):
        refuse(write(tmp_path, ",,\n,,\n"), "the file is empty")

    def test_header_only(self, tmp_path):
        refuse(write(tmp_path, "id,best\n\n"), r"^list\.csv: the file has a header and no rows; export the table again")

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", id="binary"),
            pytest.param(b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", id="pdf"),
            pytest.param(gzip.compress(b"id,best\n1,2\n", mtime=0), id="gz without its ending"),
        ],
    )
    def test_not_a_csv(self, tmp_path, content):
        refuse(write(tmp_path, content), r"^list\.csv: this is not a CSV file; export the table as CSV \(UTF-8\)$")

    def test_a_workbook_under_another_name(self, tmp_path):
        file = tmp_path / "made.xlsx"
        pd.DataFrame({"id": [1], "best": [2]}).to_excel(file, index=False)
        refuse(write(tmp_path, file.read_bytes()), r"^list\.csv: this is not a CSV file; export the table as CSV")

    def test_utf_16_is_refused_by_name_and_read_where_it_is_named(self, tmp_path):
        file = write(tmp_path, "id,place\n1,إدلب\n".encode("utf-16"))
        refuse(file, r"row 1: the text is UTF-16, not UTF-8")
        assert read_table(file, layout=Layout(encoding="utf-16")).frame.loc[2].tolist() == ["1", "إدلب"]

    def test_a_web_page(self, tmp_path):
        page = "<!DOCTYPE html>\n<html><body>Not found</body></html>\n"
        error = refuse(write(tmp_path, page), "one column only, so this is not the table", required=["id", "best"])
        assert (error.row, error.value) == (1, "<!DOCTYPE html>")

    def test_wrong_encoding_names_row_and_byte(self, tmp_path):
        error = refuse(
            write(tmp_path, b"id,place\n1,a\n2,Alqu\xe9\n"), "the text is not UTF-8; save the table as CSV with UTF-8"
        )
        assert (error.row, error.value) == (3, "byte 0xe9")

    def test_a_quotation_that_never_ends(self, tmp_path):
        error = refuse(
            write(tmp_path, 'id,note\n1,"a"\n\n2,"b\n3,c\n'), "cannot be read as CSV .*line 4 .*quotation marks"
        )
        assert error.row == 4

    def test_text_after_a_closing_quotation_mark(self, tmp_path):
        error = refuse(write(tmp_path, 'id,note\n1,"a" b\n'), "cannot be read as CSV .*check its quotation marks")
        assert error.row == 2

    def test_a_cell_beyond_all_measure(self, tmp_path):
        refuse(write(tmp_path, 'id,note\n1,"' + "a,b\n" * 5_000_000 + '"\n'), "cannot be read as CSV .*field larger")

    def test_a_line_beyond_all_measure(self, tmp_path):
        error = refuse(write(tmp_path, "id,note\n1,a\n" + "a" * 9_000_000), "the line is longer than 8,000,000")
        assert error.row == 3

    def test_a_zero_byte_far_into_the_text(self, tmp_path):
        error = refuse(write(tmp_path, b"id,note\n" + b"1,a\n" * 50_000 + b"2,\0\n"), "there is a zero byte")
        assert error.row == 50_002


class TestColumns:
    def test_missing_column_names_the_nearest(self, tmp_path):
        error = refuse(
            write(tmp_path, "id,adm1\n1,x\n"),
            r"^list\.csv, column 'adm_1': the column is missing; the nearest column is 'adm1'; rename it",
            required=["id", "adm_1"],
        )
        assert error.column == "adm_1"

    def test_several_missing_columns_are_all_named(self, tmp_path):
        file = write(tmp_path, "id,zzz\n1,x\n")
        refuse(
            file, r"column 'low': the column is missing \(missing too: best, high\)", required=["low", "best", "high"]
        )

    def test_doubled_column(self, tmp_path):
        file = write(tmp_path, "id,best,best\n1,2,3\n")
        refuse(file, r"^list\.csv, column 'best': the column stands twice in the header; rename one$", required=["id"])


class TestPacked:
    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(b"id,best\n1,2\n", id="not packed"),
            pytest.param(gzip.compress(b"id,best\n" + b"1,2\n" * 999)[:-9], id="cut short"),
            pytest.param(gzip.compress(b"id,best\n1,2\n")[:-8] + b"12345678", id="wrong checksum"),
            pytest.param(gzip.compress(b"id,best\n1,2\n")[:10] + b"\xff" * 20, id="broken stream"),
        ],
    )
    def test_broken_gz(self, tmp_path, content):
        refuse(write(tmp_path, content, "list.csv.gz"), r"^list\.csv\.gz: .*cannot be unpacked .*; download it again$")

    def test_empty_gz(self, tmp_path):
        refuse(write(tmp_path, gzip.compress(b""), "list.csv.gz"), r"^list\.csv\.gz: the file is empty")

    def test_broken_zip(self, tmp_path):
        refuse(
            write(tmp_path, b"PK\3\4 and no more", "list.zip"),
            r"^list\.zip: .*cannot be unpacked.*; download it again$",
        )

    def test_zip_with_a_broken_member(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
            archive.writestr("a.csv", "id,best\n1,2\n")
        content = (tmp_path / "made.zip").read_bytes().replace(b"1,2\n", b"9,9\n")
        refuse(write(tmp_path, content, "list.zip"), r"^list\.zip: .*cannot be unpacked.*; download it again$")

    @pytest.mark.parametrize(
        ("names", "said"),
        [(["a.csv", "b.csv"], r"2 tables .*\(a\.csv, b\.csv\)"), (["a.pdf"], r"0 tables.*\(a\.pdf\)")],
    )
    def test_zip_without_one_csv(self, tmp_path, names, said):
        with zipfile.ZipFile(tmp_path / "list.zip", "w") as archive:
            for name in names:
                archive.writestr(name, "id\n1\n")
        refuse(tmp_path / "list.zip", rf"^list\.zip: the archive holds {said}; unpack it and name the table$")

    def test_empty_zip(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "list.zip", "w"):
            pass
        refuse(tmp_path / "list.zip", r"0 tables where one is needed \(nothing\)")

    def test_zip_with_a_password(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
            archive.writestr("a.csv", "id\n1\n")
        content = bytearray((tmp_path / "made.zip").read_bytes())
        # Bit 0 of the general-purpose flags, in the local header and in the directory, marks an encrypted member.
        content[6] |= 1
        content[content.index(b"PK\1\2") + 8] |= 1
        refuse(
            write(tmp_path, bytes(content), "list.zip"), re.escape("list.zip") + ": .*encrypted.*; download it again"
        )


GOOD = 'id,place,note,best\n1,إدلب,"a, ""b""\nc",3\n2,"",,0\n,,,\n\n3,"x","""",\n4, y ,z,7\r\n'


class TestTwoReadersOfText:
    """The fast reader is used only where it must agree with the strict one."""

    @staticmethod
    def both(file):
        fast = delimited._fast(file, Layout(), ("id",), ("note",), None)
        careful = delimited._careful(file, Layout(), ("id",), ("note",), None)
        pd.testing.assert_frame_equal(fast.frame, careful.frame)
        assert fast.faults == careful.faults == {}
        assert fast.unread.tolist() == careful.unread.tolist()
        return fast

    def test_they_agree_on_a_file_written_by_the_rules(self, tmp_path):
        assert self.both(write(tmp_path, GOOD)).frame.index.tolist() == [2, 3, 6, 7]

    def test_they_agree_on_the_bundled_events(self, root):
        table = self.both(root / "data" / "idlib-2019" / "ged_syria.csv")
        assert table.frame.shape == (16_566, 24)

    def test_they_agree_where_blocks_end_inside_records(self, tmp_path, monkeypatch):
        monkeypatch.setattr(delimited, "PORTION", 97)
        monkeypatch.setattr(delimited, "PIECE", 13)
        text = "id,note,best\n" + "".join(f'{n},"say ""{n}"",\n{"é" * (n % 30)}",{n}\n' for n in range(200))
        assert len(self.both(write(tmp_path, text)).frame) == 200

    @pytest.mark.parametrize(
        "row",
        [
            pytest.param('1,"a" b,3', id="text after a closing mark"),
            pytest.param('1,5" gun,3', id="a mark inside an open cell"),
            pytest.param('1, "a",3', id="a blank before the mark"),
            pytest.param('1,"a,3\n2,b",4\n3,"c,5', id="marks that swallow the end of a row"),
            pytest.param('1,"a,3', id="a mark that is never closed"),
            pytest.param("1,a", id="a short row"),
            pytest.param("1,a,3,4", id="a long row"),
        ],
    )
    @pytest.mark.parametrize("block", [7, 1 << 20])
    def test_the_fast_one_refuses_what_is_not_by_the_rules(self, tmp_path, monkeypatch, row, block):
        monkeypatch.setattr(delimited, "PIECE", block)
        file = write(tmp_path, f'id,note,best\n0,"x",1\n{row}\n9,"y",2\n')
        with pytest.raises((delimited._NotByTheRules, pa.ArrowException)):
            delimited._fast(file, Layout(), ("id",), (), None)

    @settings(max_examples=200, deadline=None)
    @given(text=st.text(alphabet='ab,"\n\r ', max_size=60))
    def test_no_text_is_read_in_two_ways(self, text, tmp_path_factory):
        """Wherever the fast reader gives a table, the strict one gives the same."""
        file = tmp_path_factory.mktemp("text") / "list.csv"
        file.write_bytes(f"id,note,best\n{text}".encode())
        try:
            fast = delimited._fast(file, Layout(), (), (), None)
        except (delimited._NotByTheRules, pa.ArrowException, InputError):
            return
        careful = delimited._careful(file, Layout(), (), (), None)
        pd.testing.assert_frame_equal(fast.frame, careful.frame)


class TestOtherKinds:
    ROWS = pd.DataFrame(
        {
            "id": ["007", "8", None],
            "date": pd.to_datetime(["2019-04-30", "2019-05-01 13:30", None], format="ISO8601"),
            "best": [3.0, 2.5, None],
            "small": [True, False, True],
            "place": ["إدلب", " y ", ""],
        }
    )
    TEXT = {  # noqa: RUF012
        "id": ["007", "8", ""],
        "date": ["2019-04-30", "2019-05-01 13:30:00", ""],
        "best": ["3", "2.5", ""],
        "small": ["true", "false", "true"],
        "place": ["إدلب", " y ", ""],
    }

    def test_a_workbook(self, tmp_path):
        self.ROWS.to_excel(tmp_path / "list.xlsx", index=False)
        table = read_table(tmp_path / "list.xlsx", required=["id"])
        assert table.frame.to_dict("list") == self.TEXT
        assert table.frame.index.tolist() == [2, 3, 4]

    def test_a_header_below_a_title(self, tmp_path):
        self.ROWS.to_excel(tmp_path / "list.xlsx", index=False, startrow=3)
        table = read_table(tmp_path / "list.xlsx", layout=Layout(header=4))
        assert table.frame["id"].tolist() == ["007", "8", ""]
        assert table.frame.index.tolist() == [5, 6, 7]
        text = "A list\n\nmade by hand\nid;best\n1;2\n"
        assert read_table(write(tmp_path, text), layout=Layout(header=4)).frame.loc[5].tolist() == ["1", "2"]

    def test_several_sheets_must_be_told_apart(self, tmp_path):
        file = tmp_path / "list.xlsx"
        with pd.ExcelWriter(file) as book:
            self.ROWS.to_excel(book, sheet_name="one", index=False)
            self.ROWS.head(1).to_excel(book, sheet_name="two", index=False)
            pd.DataFrame().to_excel(book, sheet_name="none", index=False)
        refuse(file, r"^list\.xlsx: 2 sheets hold something \(one, two\); name the one to read")
        assert len(read_table(file, layout=Layout(sheet="two")).frame) == 1
        refuse(file, r"sheet='tow' is not known; did you mean 'two'\?", layout=Layout(sheet="tow"))
        refuse(file, "the sheet is empty", layout=Layout(sheet="none"))

    def test_a_workbook_of_a_thousandfold_size_is_not_unpacked(self, tmp_path, monkeypatch):
        self.ROWS.to_excel(tmp_path / "list.xlsx", index=False)
        monkeypatch.setattr(spreadsheets, "LARGEST_UNPACKED", 1000)
        refuse(tmp_path / "list.xlsx", "the workbook is too large once unpacked; save the sheet as CSV")

    @pytest.mark.parametrize("keep", [0.3, 0.9])
    def test_a_workbook_cut_short(self, tmp_path, keep):
        self.ROWS.to_excel(tmp_path / "made.xlsx", index=False)
        data = (tmp_path / "made.xlsx").read_bytes()
        refuse(write(tmp_path, data[: int(len(data) * keep)], "list.xlsx"), r"^list\.xlsx: the workbook cannot be read")

    def test_parquet(self, tmp_path):
        self.ROWS.assign(place=pd.Categorical(self.ROWS["place"])).to_parquet(tmp_path / "list.parquet")
        table = read_table(tmp_path / "list.parquet", required=["id"], drop=["place"])
        assert table.frame.to_dict("list") == {name: cells for name, cells in self.TEXT.items() if name != "place"}
        assert table.frame.index.tolist() == [1, 2, 3]
        assert table.unread.nunique() == 3

    def test_parquet_cut_short(self, tmp_path):
        self.ROWS.to_parquet(tmp_path / "made.parquet")
        refuse(
            write(tmp_path, (tmp_path / "made.parquet").read_bytes()[:-20], "list.parquet"),
            r"^list\.parquet: the file cannot be read as Parquet \(.*\); download it again$",
        )

    @pytest.mark.parametrize("name", ["list.json", "list.json.gz", "list.jsonl", "list.ndjson"])
    def test_json_and_json_lines(self, tmp_path, name):
        items = [{"id": "007", "best": 3.0, "more": {"a": [1]}}, {"best": 12345678901234567890, "id": None}]
        lines = "".join(f"{json.dumps(item)}\n" for item in items)
        data = (lines if "l" in name[5:] or "nd" in name else json.dumps({"count": 2, "items": items})).encode()
        table = read_table(write(tmp_path, gzip.compress(data) if name.endswith("gz") else data, name))
        assert table.frame.to_dict("list") == {
            "id": ["007", ""],
            "best": ["3.0", "12345678901234567890"],
            "more": ['{"a": ["1"]}', ""],
        }
        assert table.frame.index.tolist() == [1, 2]

    def test_one_of_several_lists_in_json_is_named_by_its_path(self, tmp_path):
        file = write(tmp_path, json.dumps({"a": {"rows": [{"id": 1}]}, "b": [1], "c": []}), "list.json")
        refuse(file, r"the object holds 2 lists of records where one is needed; name it in the mapping")
        assert read_table(file, layout=Layout(records="a.rows")).frame["id"].tolist() == ["1"]
        refuse(file, r"records='a\.raws' is not known; did you mean", layout=Layout(records="a.raws"))

    def test_a_broken_line_of_json_is_named(self, tmp_path):
        error = refuse(write(tmp_path, '{"id": 1}\n{"id": \n', "list.jsonl"), "cannot be read as JSON")
        assert error.row == 2

    def test_only_the_columns_asked_for_are_kept(self, tmp_path):
        table = read_table(write(tmp_path, "id,name,best\n1,Anna,2\n2,Berta,2\n"), required=["id"], keep=["best"])
        assert list(table.frame) == ["id", "best"]
        assert table.unread.nunique() == 2

    @pytest.mark.parametrize(
        ("options", "match"),
        [
            ({"header": 0}, "row of the header is a whole number"),
            ({"delimiter": "::"}, "a delimiter is one character"),
            ({"encoding": "utf-9"}, "there is no such encoding"),
        ],
    )
    def test_a_layout_that_cannot_be(self, options, match):
        with pytest.raises(InputError, match=match):
            Layout(**options)

    def test_a_delimiter_beyond_ascii(self, tmp_path):
        table = read_table(write(tmp_path, "id؛best\n1؛2\n"), layout=Layout(delimiter="؛"))
        assert table.frame.loc[2].tolist() == ["1", "2"]

    @pytest.mark.parametrize("encoding", ["a\0b", "undefined"])
    def test_an_encoding_that_python_does_not_look_up(self, encoding):
        with pytest.raises(InputError, match="there is no such encoding"):
            Layout(encoding=encoding)


class TestBeyondMeasure:
    """Small files that would fill a memory are refused before they do."""

    @staticmethod
    def book(file, cell):
        """Write a workbook with one more cell, wherever it says that it stands."""
        pd.DataFrame({"id": [1], "best": [2]}).to_excel(file.with_name("made.xlsx"), index=False)
        with zipfile.ZipFile(file.with_name("made.xlsx")) as made, zipfile.ZipFile(file, "w") as archive:
            for name in made.namelist():
                archive.writestr(name, made.read(name).replace(b"</sheetData>", cell + b"</sheetData>"))

    @pytest.mark.parametrize("place", ["XFD1048576", "ZZZZZZ9", "C99999999"])
    def test_a_cell_in_the_far_corner_of_a_sheet(self, tmp_path, place):
        row = place.lstrip("ABCDEFXZ")
        self.book(tmp_path / "list.xlsx", f'<row r="{row}"><c r="{place}"><v>1</v></c></row>'.encode())
        refuse(
            tmp_path / "list.xlsx", r"^list\.xlsx: the sheet reaches to row [0-9,]+ and column [0-9,]+, and nearly all"
        )

    def test_more_columns_than_a_spreadsheet_has(self, tmp_path):
        names = ",".join(f"c{number}" for number in range(16_385))
        refuse(write(tmp_path, f"{names}\n{names}\n"), "there are 16,385 columns, which no table of records has")

    def test_records_that_share_no_field(self, tmp_path):
        items = ",".join(f'{{"f{number}": 1}}' for number in range(12_000))
        refuse(write(tmp_path, f"[{items}]", "list.json"), "the 12,000 records have 12,000 fields between them")

    @pytest.mark.parametrize("name", ["list.csv.gz", "list.zip"])
    def test_a_file_that_unpacks_to_far_more_than_a_table_does(self, tmp_path, name):
        data = b"id,best\n" + b"1,2\n" * 10_000_000
        if name.endswith("gz"):
            (tmp_path / name).write_bytes(gzip.compress(data))
        else:
            with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("list.csv", data)
        refuse(tmp_path / name, "the file unpacks to more than 100 times its size, which no table does")


def test_a_process_that_read_parquet_ends_well(tmp_path):
    pq.write_table(pa.table({"id": list(range(1_000)), "best": ["1"] * 1_000}), tmp_path / "list.parquet")
    read = "import sys; from casualties.sources.files.tables import read_table as r\nfor _ in range(40): r(sys.argv[1])"
    command = [sys.executable, "-c", read, str(tmp_path / "list.parquet")]
    # Worker threads that outlive the reading end two in three such processes with SIGABRT.
    assert [subprocess.run(command, check=False).returncode for _ in range(5)] == [0] * 5


class TestWhatIsNoText:
    def test_half_of_a_character_pair_in_json(self, tmp_path):
        table = read_table(write(tmp_path, '[{"a\\ud800": ["\\ud800"], "b": "\\udfff"}]', "list.json"))
        assert table.frame.to_dict("list") == {"a?": ['["?"]'], "b": ["?"]}

    def test_a_day_beyond_the_calendar_in_parquet(self, tmp_path):
        pq.write_table(pa.table({"id": ["1"], "day": pa.array([2**31 - 1], pa.date32())}), tmp_path / "list.parquet")
        refuse(tmp_path / "list.parquet", r"^list\.parquet: the file cannot be read as Parquet \(")

    def test_an_archive_packed_in_a_way_that_it_is_not(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "made.zip", "w", zipfile.ZIP_LZMA) as archive:
            archive.writestr("a.csv", "id,best\n" + "1,2\n" * 99)
        data = bytearray((tmp_path / "made.zip").read_bytes())
        data[45:60] = b"\xff" * 15
        refuse(write(tmp_path, bytes(data), "list.zip"), r"^list\.zip: the file cannot be unpacked or read")
