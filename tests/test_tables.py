"""A table file is read cell by cell with its row numbers, or refused with one clear message.

A message names the file alone, never the folder it lies in, unless the path itself is what is wrong.
"""

import gzip
import re
import time
import zipfile

import pandas as pd
import pytest

from casualties.errors import InputError
from casualties.sources.tables import read_table


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
        assert not table.unread.str.contains("Ann").any()

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
            pytest.param(b"id,best\n1,2\n".decode().encode("utf-16"), id="utf-16"),
            pytest.param(gzip.compress(b"id,best\n1,2\n", mtime=0), id="gz without its ending"),
        ],
    )
    def test_not_a_csv(self, tmp_path, content):
        refuse(write(tmp_path, content), r"^list\.csv: this is not a CSV file; export the table as CSV \(UTF-8\)$")

    @pytest.mark.parametrize("name", ["list.xlsx", "list.csv"])
    def test_a_workbook(self, tmp_path, name):
        file = tmp_path / "made.xlsx"
        pd.DataFrame({"id": [1], "best": [2]}).to_excel(file, index=False)
        refuse(write(tmp_path, file.read_bytes(), name), rf"^{name}: this is not a CSV file; export the table as CSV")

    def test_a_web_page(self, tmp_path):
        page = "<!DOCTYPE html>\n<html><body>Not found</body></html>\n"
        error = refuse(write(tmp_path, page), "not a table with commas between its columns", required=["id", "best"])
        assert (error.row, error.value) == (1, "<!DOCTYPE html>")

    @pytest.mark.parametrize("mark", [";", "\t", "|"])
    def test_other_marks_between_columns(self, tmp_path, mark):
        file = write(tmp_path, f"id{mark}best\n1{mark}2\n")
        refuse(
            file, "not a table with commas between its columns; expected the columns id, best", required=["id", "best"]
        )

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
        refuse(write(tmp_path, 'id,note\n1,"' + "a,b\n" * 100_000 + '"\n'), "cannot be read as CSV .*field larger")


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
        [(["a.csv", "b.csv"], r"2 CSV files .*\(a\.csv, b\.csv\)"), (["a.txt"], r"0 CSV.*\(a\.txt\)")],
    )
    def test_zip_without_one_csv(self, tmp_path, names, said):
        with zipfile.ZipFile(tmp_path / "list.zip", "w") as archive:
            for name in names:
                archive.writestr(name, "id\n1\n")
        refuse(tmp_path / "list.zip", rf"^list\.zip: the archive holds {said}; unpack it and name the table$")

    def test_empty_zip(self, tmp_path):
        with zipfile.ZipFile(tmp_path / "list.zip", "w"):
            pass
        refuse(tmp_path / "list.zip", r"0 CSV files where one is needed \(nothing\)")

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
