"""What the page on lists of one's own gives to run prints the tables that it shows, and ends as it says."""

import re
import shlex

import pytest

from casualties import cli

LISTS = [("incidents", 2), ("victims", 1)]


@pytest.fixture
def page(root, tmp_path, monkeypatch):
    """Write the page's lists and mappings where its lines look for them; give its blocks by kind."""
    text = (root / "docs" / "mapping.md").read_text(encoding="utf-8")
    blocks: dict[str, list[str]] = {}
    for kind, block in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        blocks.setdefault(kind, []).append(block)
    for place, (name, _) in enumerate(LISTS):
        for kind in ("csv", "toml"):
            (tmp_path / f"{name}.{kind}").write_text(blocks[kind][place], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return blocks


@pytest.mark.parametrize("place", range(len(LISTS)))
def test_its_lines_print_its_tables(page, capsys, place):
    exec(page["python"][place], {})
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert printed == [line.split() for block in page["text"][2 * place : 2 * place + 2] for line in block.splitlines()]


@pytest.mark.parametrize(("place", "bad"), [(place, bad) for place, (_, bad) in enumerate(LISTS)])
def test_its_commands_list_the_bad_rows_and_end_with_an_error(page, capsys, place, bad):
    program, *arguments = shlex.split(page["sh"][place])
    assert program == "casualties"
    assert cli.main(arguments) == 2
    out, error = capsys.readouterr()
    assert f"{bad} rows in the ledger" in out
    assert f"(rows that cannot be used: {bad})" in error
