"""Run notebooks, two at a time, and let nothing pass that a reader should not see: no error, no warning, no clock."""

from __future__ import annotations

import asyncio
import copy
import json
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import casualties.errors as errors
from casualties.errors import CasualtiesError, InputError, ReportError

__all__ = ["ExecutedNotebook", "execute_notebooks", "prepare_notebook", "reader_copy"]

SETUP_ID, PARAMETERS_ID = "setup", "injected-parameters"
# On its first run on a machine matplotlib says on stderr that it builds a font cache, or where it can write none.
SETUP = """\
import logging

logging.getLogger("matplotlib").setLevel(logging.ERROR)
import matplotlib.pyplot
import pandas
from matplotlib_inline.backend_inline import set_matplotlib_formats

logging.getLogger("matplotlib").setLevel(logging.NOTSET)
matplotlib.rcdefaults()
matplotlib.rcParams["svg.hashsalt"] = "casualties"
matplotlib.rcParams["figure.constrained_layout.use"] = True
set_matplotlib_formats("svg", metadata={"Date": None, "Creator": None}, bbox_inches=None)
pandas.set_option("display.max_rows", None, "display.max_columns", None, "display.max_colwidth", None)
pandas.set_option("display.show_dimensions", False)
"""
# One thread each: two kernels share the machine, and sums come out the same on any number of cores.
ENVIRONMENT = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TZ": "UTC",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
# A Unix socket's name is cut at about a hundred characters, and macOS spends most of them on its temporary folder.
_LONGEST_BASE = 60
_TIMEOUT = 900


@dataclass(frozen=True)
class ExecutedNotebook:
    """A notebook after its run.

    Parameters
    ----------
    name : str
        Name of the file without its ending, e.g. ``"01_data"``.
    node : NotebookNode
        Cells with their outputs.
    """

    name: str
    node: NotebookNode


class _OwnKernel(AsyncKernelManager):
    """A kernel of the interpreter that runs, whatever kernels the machine has registered."""

    @property
    def kernel_spec(self) -> KernelSpec:
        launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        quiet = ["--HistoryManager.enabled=False", "--IPKernelApp.ignore_cwd=True"]
        return KernelSpec(argv=launch + quiet, display_name="Python 3", language="python", env={})


def execute_notebooks(
    paths: Sequence[Path],
    *,
    parameters: Mapping[str, Any] | None = None,
    folder: Path | None = None,
    progress: bool = True,
    at_once: int = 2,
) -> list[ExecutedNotebook]:
    """Run notebooks and give them back with their outputs.

    Parameters
    ----------
    paths : sequence of Path
        The notebooks; they do not see each other.
    parameters : mapping, optional
        Values set after each notebook's cell tagged ``parameters``.
    folder : Path, optional
        Working folder of the kernels; an empty one where none is given.
    progress : bool, optional
        Whether to show progress on stderr: bars in a terminal, else one line a notebook.
    at_once : int, optional
        Notebooks that run at the same time.

    Returns
    -------
    list of ExecutedNotebook
        In the order given.

    Raises
    ------
    InputError
        If a notebook cannot be read, or a cell raised an InputError: its text is passed on.
    ReportError
        If a cell fails or writes to stderr; notebook, cell and message are named.
    """
    sources = [(path.stem, _read(path)) for path in paths]
    nodes = [(name, prepare_notebook(node, parameters or {})) for name, node in sources]
    with _short_folder() as scratch, _progress(progress) as start:

        async def run_all() -> list[ExecutedNotebook]:
            gate = asyncio.Semaphore(at_once)
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(_run(name, node, gate, scratch / str(rank), folder, start))
                    for rank, (name, node) in enumerate(nodes)
                ]
            return [task.result() for task in tasks]

        try:
            return _complete(run_all())
        except* CasualtiesError as failures:
            raise _first(failures) from None


def prepare_notebook(node: NotebookNode, parameters: Mapping[str, Any]) -> NotebookNode:
    """Give a copy without outputs, with a set-up cell in front and the parameters after their cell.

    Parameters
    ----------
    node : NotebookNode
        The notebook as stored.
    parameters : mapping
        Names and values; each value must print as the Python that makes it.
    """
    made = copy.deepcopy(node)
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if parameters:
        lines = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
        tagged = [i for i, cell in enumerate(made.cells) if "parameters" in cell.metadata.get("tags", [])]
        made.cells.insert(tagged[0] + 1 if tagged else 0, _hidden_cell(PARAMETERS_ID, lines, PARAMETERS_ID))
    made.cells.insert(0, _hidden_cell(SETUP_ID, SETUP, "remove-cell"))
    return made


def reader_copy(notebook: ExecutedNotebook) -> bytes:
    """Give an executed notebook as bytes that depend on its content alone: no times, no versions, no set-up cell."""
    node = copy.deepcopy(notebook.node)
    node.cells = [cell for cell in node.cells if cell.get("id") != SETUP_ID]
    node.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    rank = 0
    for cell in node.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = {"tags": tags} if tags else {}
        if cell.cell_type == "code":
            rank += 1
            cell.execution_count = rank
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = rank
    return (json.dumps(node, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


async def _run(
    name: str,
    node: NotebookNode,
    gate: asyncio.Semaphore,
    scratch: Path,
    folder: Path | None,
    start: Callable[[str, int], Callable[[], None]],
) -> ExecutedNotebook:
    async with gate:
        (scratch / "work").mkdir(parents=True)
        advance = start(name, sum(cell.cell_type == "code" for cell in node.cells))
        manager = _OwnKernel(connection_file=str(scratch / "kernel.json"))
        if os.name != "nt":
            manager.transport, manager.ip = "ipc", str(scratch / "k")
        client = NotebookClient(
            node,
            km=manager,
            timeout=_TIMEOUT,
            record_timing=False,
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(folder or scratch / "work")}},
            on_cell_executed=lambda **_: advance(),
        )
        environment = {**os.environ, **ENVIRONMENT, "IPYTHONDIR": str(scratch / "ipython")}
        log = scratch / "kernel.log"
        try:
            with log.open("wb") as stream:
                await client.async_execute(cleanup_kc=True, env=environment, stdout=stream, stderr=stream)
        except CellExecutionError as error:
            raise _cell_error(name, node, error) from None
        except CellTimeoutError:
            raise ReportError(f"{name}: a cell ran longer than {_TIMEOUT} s", remedy="make it faster") from None
        except (DeadKernelError, RuntimeError) as error:
            last = log.read_text(errors="replace").strip().splitlines()[-1:] or [str(error)]
            raise ReportError(f"{name}: the kernel stopped: {last[0]}") from None
        finally:
            if manager.has_kernel:
                await manager.shutdown_kernel(now=True)
        _refuse_stderr(name, node)
        return ExecutedNotebook(name, node)


def _cell_error(name: str, node: NotebookNode, error: CellExecutionError) -> CasualtiesError:
    kind = getattr(errors, error.ename, None)
    if isinstance(kind, type) and issubclass(kind, InputError):
        return InputError(error.evalue)
    failed = [
        cell.id
        for cell in node.cells
        if cell.cell_type == "code" and any(output.output_type == "error" for output in cell.outputs)
    ]
    where = f"notebook {name}, cell {failed[0] if failed else '?'}"
    known = isinstance(kind, type) and issubclass(kind, CasualtiesError)
    message = error.evalue if known else f"{error.ename}: {error.evalue}"
    return ReportError(f"{where}: {message}", remedy="" if known else "open the notebook in Jupyter to see the cause")


def _refuse_stderr(name: str, node: NotebookNode) -> None:
    for cell in node.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                text = " ".join(output.text.split())[:300]
                raise ReportError(
                    f"notebook {name}, cell {cell.id} wrote to stderr: {text}", remedy="mend the cause of the warning"
                )


def _hidden_cell(ident: str, source: str, tag: str) -> NotebookNode:
    tags = [tag] if tag == "remove-cell" else [tag, "remove-cell"]
    cell = {"cell_type": "code", "id": ident, "source": source, "metadata": {"tags": tags}}
    return nbformat.from_dict({**cell, "outputs": [], "execution_count": None})  # type: ignore[no-untyped-call, no-any-return]


def _read(path: Path) -> NotebookNode:
    try:
        return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call, no-any-return]
    except OSError:
        raise InputError("the notebook cannot be read", file=str(path), remedy="check the path") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise InputError(f"this is not a notebook: {str(error)[:200]}", file=str(path)) from None


def _complete(work: Coroutine[Any, Any, list[ExecutedNotebook]]) -> list[ExecutedNotebook]:
    """Run to the end in a loop of its own thread.

    A loop may run here already (a report made from within Jupyter); and nbclient would take over Ctrl-C in the main
    thread, which has to stop the kernels and reach the caller.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    task = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        while not wait([task], timeout=1).done:  # a wait without end cannot be interrupted on Windows
            pass
        return task.result()
    finally:
        task.cancel()
        asyncio.run_coroutine_threadsafe(_others(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _others() -> None:
    """Wait for the tasks that are still ending."""
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)


def _first(failures: BaseExceptionGroup[CasualtiesError]) -> CasualtiesError:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


@contextmanager
def _short_folder() -> Iterator[Path]:
    base = tempfile.gettempdir()
    if len(base) > _LONGEST_BASE and os.path.isdir("/tmp"):
        base = "/tmp"
    folder = Path(tempfile.mkdtemp(prefix="cas-", dir=base)).resolve()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _progress(shown: bool) -> Iterator[Callable[[str, int], Callable[[], None]]]:
    """Give a function that announces a notebook and returns the function to call after each of its cells."""
    console = Console(stderr=True, highlight=False)
    if not shown:
        yield lambda _name, _total: lambda: None
        return
    if console.is_terminal:
        columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} cells")
        with Progress(*columns, TimeElapsedColumn(), console=console) as bars:

            def start_bar(name: str, total: int) -> Callable[[], None]:
                task = bars.add_task(name, total=total)
                return lambda: bars.advance(task)

            yield start_bar
        return

    def start_line(name: str, total: int) -> Callable[[], None]:
        began, left = time.monotonic(), [total]

        def advance() -> None:
            left[0] -= 1
            if not left[0]:
                console.print(f"{name}: {total} cells in {time.monotonic() - began:.1f} s")

        return advance

    yield start_line
