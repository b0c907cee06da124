"""Hashes depend on names and bytes alone; a record holds what must be printed beside figures."""

import hashlib
import json

import pytest

from casualties.errors import InputError
from casualties.provenance import SourceRecord, file_sha256, tree_sha256


def test_hash_of_a_file_is_that_of_its_bytes(tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes(b"id\r\n1\n")
    assert file_sha256(file) == hashlib.sha256(b"id\r\n1\n").hexdigest()
    assert file_sha256(str(file)) == file_sha256(file)


def test_hash_of_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: the file cannot be read; check the path"):
        file_sha256(tmp_path / "none.csv")


def make_tree(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_hash_of_a_tree_ignores_where_it_lies_and_what_does_not_match(tmp_path):
    one = make_tree(tmp_path / "one", {"a.py": "x", "b/c.py": "y", "b/note.txt": "1"})
    two = make_tree(tmp_path / "deep" / "two", {"b/c.py": "y", "a.py": "x", "b/note.txt": "2"})
    assert tree_sha256(one, ("**/*.py",)) == tree_sha256(two, ("**/*.py",))
    assert tree_sha256(one, ("**/*",)) != tree_sha256(two, ("**/*",))


@pytest.mark.parametrize("other", [{"a.py": "xy", "b.py": ""}, {"b.py": "x", "a.py": "y"}, {"a.py": "x"}])
def test_hash_of_a_tree_sees_every_name_and_byte(tmp_path, other):
    one = make_tree(tmp_path / "one", {"a.py": "x", "b.py": "y"})
    assert tree_sha256(one, ("*.py",)) != tree_sha256(make_tree(tmp_path / "two", other), ("*.py",))


def test_a_file_that_two_patterns_match_counts_once(tmp_path):
    root = make_tree(tmp_path, {"a.py": "x"})
    assert tree_sha256(root, ("*.py", "**/*.py")) == tree_sha256(root, ("*.py",))


def test_a_record_can_stand_in_a_manifest():
    record = SourceRecord(name="UCDP GED", licence="CC BY 4.0", notes=("Preliminary.",))
    held = json.loads(json.dumps(record.to_dict()))
    assert held["licence"] == "CC BY 4.0"
    assert held["notes"] == ["Preliminary."]
    assert held["redistributable"] is False
