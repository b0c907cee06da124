"""Running notebooks: parameters, set-up, and failures that say where and what."""

import _thread
import asyncio
import json
import os
import signal
import threading
import time

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from casualties.errors import InputError, ReportError
from casualties.report import execute as module
from casualties.report.execute import ExecutedNotebook, execute_notebooks, prepare_notebook, reader_copy


@pytest.fixture(autouse=True)
def light(monkeypatch):
    """Leave out the set-up of figures and tables, which takes most of a second and is tested with whole reports."""
    monkeypatch.setattr(module, "SETUP", "pass")


def write(folder, name, *cells):
    made = [
        new_code_cell(source, id=f"cell-{rank}", metadata={"tags": tags}) for rank, (source, tags) in enumerate(cells)
    ]
    path = folder / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=made), path)
    return path


def run(path, **options):
    return execute_notebooks([path], progress=False, **options)


def test_parameters_come_after_their_cell(tmp_path):
    path = write(tmp_path, "a", ("import sys", []), ("STUDY = 'x'", ["parameters"]), ("STUDY", []))
    made = prepare_notebook(nbformat.read(path, as_version=4), {"STUDY": "./y"})
    assert [cell.id for cell in made.cells] == ["setup", "cell-0", "cell-1", "injected-parameters", "cell-2"]
    assert made.cells[3].source == "STUDY = './y'"
    assert made.cells[3].metadata.tags == ["injected-parameters", "remove-cell"]
    untagged = prepare_notebook(nbformat.read(write(tmp_path, "b", ("1", [])), as_version=4), {"STUDY": "./y"})
    assert [cell.id for cell in untagged.cells] == ["setup", "injected-parameters", "cell-0"]


def test_runs_in_this_interpreter_and_in_order(tmp_path, capfd):
    source = "import os, sys\nprint(STUDY, sys.executable, os.getcwd(), os.environ['PYTHONHASHSEED'], sep='|')"
    paths = [write(tmp_path, name, ("STUDY = 'x'", ["parameters"]), (source, [])) for name in ("02", "01")]
    done = execute_notebooks(paths, parameters={"STUDY": "./y"}, folder=tmp_path)
    assert [book.name for book in done] == ["02", "01"]
    for book in done:
        seen = book.node.cells[-1].outputs[0].text.strip().split("|")
        assert seen[0] == "./y"
        assert os.path.samefile(seen[1], os.sys.executable)
        assert os.path.samefile(seen[2], tmp_path)
        assert seen[3] == "0"
    told = capfd.readouterr()
    assert told.out == ""
    assert sorted(line.split(":")[0] for line in told.err.splitlines()) == ["01", "02"]


def test_an_error_names_notebook_cell_and_message(tmp_path):
    path = write(tmp_path, "03_x", ("a = 1", []), ("a / 0", []))
    with pytest.raises(ReportError, match=r"^notebook 03_x, cell cell-1: ZeroDivisionError: division by zero; open"):
        run(path)


def test_bad_input_comes_through_as_it_is(tmp_path):
    source = (
        "from casualties.errors import UnknownNameError\nraise UnknownNameError('spread', 'evn', ['even', 'start'])"
    )
    with pytest.raises(InputError) as caught:
        run(write(tmp_path, "a", (source, [])))
    assert str(caught.value) == "spread='evn' is not known; did you mean 'even'? The choices are: 'even', 'start'"


def test_the_package_s_other_errors_fail_the_report(tmp_path):
    source = "from casualties.errors import ConservationError\nraise ConservationError('3 deaths were lost')"
    with pytest.raises(ReportError, match=r"^notebook a, cell cell-0: 3 deaths were lost$"):
        run(write(tmp_path, "a", (source, [])))


def test_anything_on_stderr_fails(tmp_path):
    with pytest.raises(ReportError, match=r"notebook a, cell cell-0 wrote to stderr: .*UserWarning: beware"):
        run(write(tmp_path, "a", ("import warnings; warnings.warn('beware')", [])))


def test_a_kernel_that_dies(tmp_path):
    with pytest.raises(ReportError, match="a: the kernel stopped"):
        run(write(tmp_path, "a", ("import os; os._exit(3)", [])))


def test_an_interrupt_stops_the_kernels(tmp_path):
    # A shell's background jobs are born deaf to Ctrl-C, and then Python does not listen to it either.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    running = tmp_path / "running"
    path = write(tmp_path, "a", (f"open({str(running)!r}, 'w').close(); import time; time.sleep(300)", []))

    def interrupt():
        while not running.exists():
            time.sleep(0.05)
        _thread.interrupt_main()

    threading.Thread(target=interrupt, daemon=True).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            execute_notebooks([path, path], progress=False)
    finally:
        signal.signal(signal.SIGINT, before)
    assert not [child for child in psutil.Process().children() if "ipykernel" in " ".join(child.cmdline())]


def test_within_a_running_loop(tmp_path):
    async def from_jupyter():
        return run(write(tmp_path, "a", ("1 + 1", [])))

    assert asyncio.run(from_jupyter())[0].node.cells[-1].outputs[0].data["text/plain"] == "2"


def test_what_is_no_notebook(tmp_path):
    with pytest.raises(InputError, match="cannot be read; check the path"):
        run(tmp_path / "none.ipynb")
    (tmp_path / "bad.ipynb").write_text("not json")
    with pytest.raises(InputError, match=r"bad\.ipynb: this is not a notebook"):
        run(tmp_path / "bad.ipynb")


def test_reader_copy_holds_no_times_and_no_setup(tmp_path):
    cells = (("STUDY = 'x'", ["parameters"]), ("1 + 1", []))
    node = prepare_notebook(nbformat.read(write(tmp_path, "a", *cells), as_version=4), {"STUDY": "./y"})
    node.metadata["language_info"] = {"name": "python", "version": "3.11.7"}
    for rank, cell in enumerate(node.cells):
        cell.metadata["execution"] = {"iopub.status.busy": "2026-01-01T00:00:00Z"}
        cell.execution_count = rank + 7
    text = reader_copy(ExecutedNotebook("a", node)).decode()
    made = json.loads(text)
    assert [cell["id"] for cell in made["cells"]] == ["cell-0", "injected-parameters", "cell-1"]
    assert [cell["execution_count"] for cell in made["cells"]] == [1, 2, 3]
    assert "2026" not in text
    assert "3.11" not in text
    nbformat.validate(nbformat.from_dict(made))
