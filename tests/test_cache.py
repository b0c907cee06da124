import json
import math
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

from casualties import cache as module
from casualties.cache import Cache, content_key, default_cache
from casualties.errors import InputError
from casualties.study import Place


class TestContentKey:
    def test_order_of_names_does_not_matter_and_values_do(self):
        assert content_key({"a": 1, "b": 2}) == content_key({"b": 2, "a": 1})
        assert content_key({"a": 1}) != content_key({"a": 2})

    def test_parts_do_not_run_into_each_other(self):
        assert content_key("ab", "c") != content_key("a", "bc")
        assert content_key(b"ab", b"c") != content_key(b"abc")

    def test_a_text_is_no_bytes(self):
        assert content_key("1") != content_key(b"1")

    def test_a_table_counts_by_its_content(self):
        table = pd.DataFrame({"deaths": pd.array([1, None], "Int64"), "place": ["Idlib", "Hama"]})
        key = content_key(table)
        assert content_key(table.copy()) == key
        others = (
            table.assign(deaths=pd.array([1, 0], "Int64")),
            table.assign(place=["Idlib", "Homs"]),
            table.rename(columns={"place": "adm1"}),
            table[::-1],
            table.astype({"deaths": "Float64"}),
        )
        assert key not in {content_key(other) for other in others}

    def test_records_sets_days_and_mappings_count_by_what_they_hold(self):
        place = Place("a", "A", MappingProxyType({"adm1": ("Idlib",)}))
        assert content_key(place) == content_key(replace(place, where={"adm1": ("Idlib",)}))
        assert content_key(place) != content_key(replace(place, where={"adm1": ("Hama",)}))
        assert content_key({"b", "a"}) == content_key(frozenset("ab"))
        assert content_key(pd.Timestamp("2019-04-20")) != content_key(pd.Timestamp("2019-04-21"))

    def test_what_has_no_content_is_no_key(self):
        with pytest.raises(TypeError, match="object is no part of a key"):
            content_key(object())


class TestCache:
    def test_floats_come_back_exactly(self, tmp_path):
        values = [0.1 + 0.2, math.nan, math.inf, 1e-300, -0.0]
        Cache(tmp_path / "a.sqlite").put("k", values)
        back = Cache(tmp_path / "a.sqlite").get(["k"])["k"]
        assert math.isnan(back[1])
        assert [back[0], *back[2:]] == [values[0], *values[2:]]
        assert math.copysign(1, back[4]) == -1

    def test_unknown_keys_are_left_out_and_many_can_be_asked(self):
        cache = Cache(None)
        cache.put_all({str(number): number for number in range(1200)})
        found = cache.get([*map(str, range(1200)), "other", "other"])
        assert found == {str(number): number for number in range(1200)}

    def test_answers_of_other_code_are_gone(self, tmp_path, monkeypatch):
        path = tmp_path / "a.sqlite"
        Cache(path).put("k", 1)
        monkeypatch.setattr(module, "_code", lambda: "other")
        other = Cache(path)
        assert other.get(["k"]) == {}
        monkeypatch.undo()
        assert Cache(path).get(["k"]) == {}

    def test_two_at_once(self, tmp_path):
        path = tmp_path / "a.sqlite"
        Cache(path)

        def write(start):
            mine = Cache(path)
            for number in range(start, start + 40):
                mine.put(str(number), number)
            mine.close()

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(write, (0, 40)))
        assert len(Cache(path).get(map(str, range(80)))) == 80

    def test_a_file_that_is_none_is_named_with_a_remedy(self, tmp_path):
        path = tmp_path / "a.sqlite"
        path.write_text(json.dumps({"not": "sqlite"}) * 100)
        with pytest.raises(InputError, match=r"a\.sqlite.*CASUALTIES_CACHE"):
            Cache(path)

    def test_a_broken_answer_is_an_error_and_no_answer(self, tmp_path):
        path = tmp_path / "a.sqlite"
        Cache(path).put("k", 1)
        with sqlite3.connect(path) as raw:
            raw.execute("UPDATE answers SET answer = 'half of'")
        with pytest.raises(InputError, match="cannot be used"):
            Cache(path).get(["k"])

    def test_a_folder_that_cannot_be_made(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(InputError, match="cannot be used"):
            Cache(tmp_path / "file" / "a.sqlite")


class TestDefaultCache:
    def test_the_variable_wins_then_the_folder_of_caches(self, monkeypatch):
        monkeypatch.setenv("CASUALTIES_CACHE", "/somewhere/else.sqlite")
        assert default_cache() == Path("/somewhere/else.sqlite")
        monkeypatch.delenv("CASUALTIES_CACHE")
        monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
        assert default_cache() == Path("/caches/casualties/answers.sqlite")
