import json

import judged
import pandas as pd
import pytest

from casualties.cli import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("cli-verdict")
    judged.judged_study(made / "rising", 'days = ["all"]', a=judged.war())
    return made


def run(capsys, *words):
    code = main([str(word) for word in words])
    return code, capsys.readouterr()


class TestVerdict:
    def test_it_prints_statement_tables_and_what_must_not_be_concluded(self, folder, capsys):
        code, said = run(capsys, "verdict", folder / "rising", "--cache", folder / "kept.sqlite", "--workers", 1)
        assert code == 0
        assert said.out.startswith("ESCALATING: the spring\n")
        assert "Recorded deaths in Nowhere rose: 3.0 times as many were recorded a day" in said.out
        for title in ("What each source says", "What would overturn it", "What must not be concluded", "Cite: "):
            assert title in said.out
        again = run(capsys, "verdict", folder / "rising", "--cache", folder / "kept.sqlite", "--workers", 1)[1]
        assert again.out == said.out

    def test_arabic(self, folder, capsys):
        _, said = run(
            capsys, "verdict", folder / "rising", "--cache", folder / "kept.sqlite", "--lang", "ar", "--workers", 1
        )
        assert "ارتفعت الوفيات المسجلة" in said.out

    def test_every_specification_as_json(self, folder, capsys):
        words = ("verdict", folder / "rising", "--cache", folder / "kept.sqlite", "--workers", 1, "--specifications")
        rows = json.loads(run(capsys, *words, "--format", "json")[1].out)
        # With the largest day and without: level, changes, growth over the whole window.
        assert [row["model"] for row in rows] == ["level", "changes", "growth"] * 2
        assert {row["reading"] for row in rows} <= {"rise", "no change"}

    def test_as_of_is_told_of_the_days_known_then(self, folder, capsys):
        words = ("verdict", folder / "rising", "--anew", "--workers", 1, "--as-of", "2019-05-31", "--format", "csv")
        code, said = run(capsys, *words)
        assert code == 0
        assert pd.read_csv(pd.io.common.StringIO(said.out))["source"].tolist() == ["a"]

    def test_errors_name_file_and_entry(self, folder, capsys):
        judged.judged_study(folder / "wrong", 'model = ["levels"]', a=judged.war())
        code, said = run(capsys, "verdict", folder / "wrong", "--anew")
        assert code == 2
        assert "study.toml" in said.err
        assert "levels" in said.err
        assert run(capsys, "verdict", folder / "rising", "--workers", 0)[0] == 2
