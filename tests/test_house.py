"""The house rules that no other tool checks: one list of dependencies, hashed locks, imports that point one way, and
files that name no machine, hold no output and quote no number.

Rules over files are parametrised over what is there; where there is nothing yet, a test is skipped and says so.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "analysis" / "casualties"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ONLY_ON_PYPI = {"typst", "tylax", "fontpkg-amiri", "fontpkg-ibm-plex-sans-arabic"}
LOCKS = ["requirements.lock", "requirements-lab.lock"]
MODULES = sorted(PACKAGE.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def ident(path: Path) -> str:
    """Name a file in the list of tests."""
    return path.relative_to(ROOT).as_posix()


def project_files() -> list[Path]:
    """List what is tracked or would be: as git says in a checkout, else all but hidden folders and what is built."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        names = [name for name in done.stdout.decode().split("\0") if name]
        if done.returncode == 0 and names:
            return [path for name in names if (path := ROOT / name).is_file()]
    made = {"__pycache__", "build", "dist"}
    found = []
    for folder, inner, names in os.walk(ROOT):
        inner[:] = [name for name in inner if name not in made and (name == ".ci" or not name.startswith("."))]
        found += [Path(folder) / name for name in names]
    return found


def requirements(lines: list[str]) -> dict[str, Requirement]:
    """Read requirement lines by normalised name."""
    read = [Requirement(line) for line in lines]
    return {canonicalize_name(item.name): item for item in read}


def locked(name: str) -> Iterator[tuple[Requirement, list[str]]]:
    """Give each requirement of a lock with its hashes."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            head, *rest = line.split("--hash=")
            yield Requirement(head.strip()), [item.strip() for item in rest]


@pytest.fixture(scope="module")
def conda() -> dict:
    """Give environment.yml."""
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wanted() -> dict[str, Requirement]:
    """Give what the project needs, with JupyterLab."""
    project = PROJECT["project"]
    return requirements([*project["dependencies"], *project["optional-dependencies"]["lab"]])


@pytest.fixture(scope="module")
def citation() -> dict:
    """Give CITATION.cff."""
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


class TestEnvironment:
    def test_name_and_channels(self, conda):
        assert conda["name"] == "casualties"
        assert conda["channels"] == ["conda-forge", "nodefaults"]

    def test_python_is_the_one_that_the_project_asks_for(self, conda):
        plain = requirements([line for line in conda["dependencies"] if isinstance(line, str)])
        assert str(plain["python"].specifier) == PROJECT["project"]["requires-python"]

    def test_conda_packages_are_those_of_pyproject(self, conda, wanted):
        plain = requirements([line for line in conda["dependencies"] if isinstance(line, str)])
        found = {name: plain[name].specifier for name in plain if name not in {"python", "pip"}}
        assert found == {name: item.specifier for name, item in wanted.items() if name not in ONLY_ON_PYPI}

    def test_the_rest_comes_from_pypi_with_the_package_itself(self, conda, wanted):
        (section,) = [line for line in conda["dependencies"] if isinstance(line, dict)]
        assert list(section) == ["pip"]
        assert section["pip"][-1] == "-e ."
        found = {name: item.specifier for name, item in requirements(section["pip"][:-1]).items()}
        assert found == {name: wanted[name].specifier for name in ONLY_ON_PYPI}


class TestLocks:
    @pytest.mark.parametrize("name", LOCKS)
    def test_every_requirement_is_pinned_and_hashed(self, name):
        entries = list(locked(name))
        assert len(entries) > 50
        loose = [str(item) for item, _ in entries if not re.fullmatch(r"==[^*,]+", str(item.specifier))]
        assert loose == []
        bare = [
            item.name
            for item, hashes in entries
            if not hashes or not all(re.fullmatch(r"sha256:[0-9a-f]{64}", text) for text in hashes)
        ]
        assert bare == []

    @pytest.mark.parametrize("name", LOCKS)
    def test_no_address(self, name):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert re.findall(r"\S*(?:://|--index-url|--find-links| @ )\S*", text) == []

    @pytest.mark.parametrize(
        ("name", "lists"),
        [
            ("requirements.lock", ["dependencies", "test", "lock", "build"]),
            ("requirements-lab.lock", ["dependencies", "lab"]),
        ],
    )
    def test_direct_dependencies_are_locked_at_a_version_they_admit(self, name, lists):
        given = {
            "dependencies": PROJECT["project"]["dependencies"],
            "lab": PROJECT["project"]["optional-dependencies"]["lab"],
            "build": PROJECT["build-system"]["requires"],
            **PROJECT["dependency-groups"],
        }
        versions: dict[str, list[str]] = {}
        for item, _ in locked(name):
            versions.setdefault(canonicalize_name(item.name), []).append(str(item.specifier).removeprefix("=="))
        wrong = {}
        for line in [line for key in lists for line in given[key]]:
            wanted = Requirement(line)
            found = versions.get(canonicalize_name(wanted.name), [])
            if not found or not all(wanted.specifier.contains(version, prereleases=True) for version in found):
                wrong[line] = found
        assert wrong == {}

    def test_both_locks_hold_the_same_versions(self):
        base, lab = ({(item.name, str(item.marker)): str(item.specifier) for item, _ in locked(name)} for name in LOCKS)
        assert {key: lab[key] for key in base.keys() & lab.keys()} == {
            key: base[key] for key in base.keys() & lab.keys()
        }
        assert len(base.keys() & lab.keys()) > len(PROJECT["project"]["dependencies"])


class TestImports:
    def test_layers(self):
        command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
        assert command, "lint-imports is not beside this Python: set the environment up with ./run test"
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "analysis"), "NO_COLOR": "1"}
        done = subprocess.run(
            [command, "--no-cache", "--no-logo"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def test_every_module_stands_in_a_layer(self):
        contracts = PROJECT["tool"]["importlinter"]["contracts"]
        (layers,) = [item for item in contracts if item.get("containers") == ["casualties"]]
        named = {name.strip() for layer in layers["layers"] for name in re.split(r"[|:]", layer)}
        there = {path.stem if path.is_file() else path.name for path in PACKAGE.iterdir()}
        there = {name for name in there if (PACKAGE / f"{name}.py").exists() or any((PACKAGE / name).glob("*.py"))}
        assert there - {"__init__"} <= named

    @pytest.mark.parametrize("path", MODULES, ids=ident)
    def test_nothing_imports_the_package_itself(self, path):
        depth = len(path.relative_to(PACKAGE.parent).parts) - 1
        found = []
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                root = any(alias.name == "casualties" for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                root = node.module == "casualties" or (node.module is None and node.level == depth)
            else:
                continue
            if root:
                found.append(f"line {node.lineno}: {ast.unparse(node)}")
        assert found == []

    @pytest.mark.parametrize("path", MODULES, ids=ident)
    def test_no_assert_and_no_print(self, path):
        # An assert vanishes under -O; what a user should see goes through the command line or an exception.
        found = [
            f"line {node.lineno}: {ast.unparse(node)}"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Assert)
            or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print")
        ]
        assert found == []


class TestTrackedFiles:
    def test_none_names_a_path_of_a_machine(self):
        files = project_files()
        assert ROOT / "pyproject.toml" in files
        assert Path(__file__).resolve() in files
        places = b"|".join([b"tmp", b"work", b"root", b"home"])
        path_of_a_machine = re.compile(rb"(?:^|[^a-zA-Z0-9._-])/(?:" + places + rb")/[a-z][^\s\"']{0,60}", re.MULTILINE)
        found = {
            ident(path): match.group().decode(errors="replace")
            for path in files
            if (match := path_of_a_machine.search(path.read_bytes()))
        }
        assert found == {}

    @pytest.mark.parametrize("name", ["run", ".ci/run"])
    def test_commands_can_be_run(self, name):
        assert os.access(ROOT / name, os.X_OK)
        assert (ROOT / name).read_bytes().startswith(b"#!/usr/bin/env ")


class TestCitation:
    def test_keys_are_those_of_the_format(self, citation):
        required = {"cff-version", "message", "title", "authors"}
        optional = {"abstract", "type", "version", "license", "keywords", "references", "date-released", "url"}
        assert citation["cff-version"] == "1.2.0"
        assert required <= set(citation) <= required | optional | {"repository-code", "identifiers", "doi"}

    def test_authors_are_entities(self, citation):
        authors = [*citation["authors"], *(name for item in citation["references"] for name in item["authors"])]
        assert [set(author) for author in authors] == [{"name"}] * len(authors)
        assert citation["authors"] == PROJECT["project"]["authors"]

    def test_version_and_licence_are_those_of_the_project(self, citation):
        assert citation["version"] == PROJECT["project"]["version"]
        assert citation["license"] == PROJECT["project"]["license"]

    def test_the_package_says_the_same_version(self):
        text = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
        stated = re.findall(r'^__version__\s*(?::\s*\w+\s*)?=\s*"([^"]+)"', text, re.MULTILINE)
        if not stated:
            pytest.skip("casualties/__init__.py states no __version__ as a plain string")
        assert stated == [PROJECT["project"]["version"]]

    def test_the_changelog_has_the_version(self):
        text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        assert f"## [{PROJECT['project']['version']}]" in text


def prose(text: str) -> str:
    """Leave of a markdown cell what a reader reads as words: no code, addresses, keys or labels.

    Headings may carry a label in braces; it is no prose either.
    """
    for pattern in (
        r"^```.*?^```",  # code blocks
        r"`[^`]*`",  # code in a line
        r"\$\$.*?\$\$|\$[^$\n]+\$",  # formulas
        r"\{#[^}]*\}",  # labels
        r"(?<=\])\([^)]*\)",  # targets of links
        r"^\[[^\]^]+\]:\s*\S+",  # targets of links, given below the text
        r"<(?:https?|mailto):[^>]*>",  # addresses
        r"(?<![\w.])@[A-Za-z][\w:.-]*",  # citation keys and references to figures
    ):
        text = re.sub(pattern, " ", text, flags=re.MULTILINE | re.DOTALL)
    return text


class TestProse:
    @pytest.mark.parametrize(
        "text",
        ["rose in 2019", "a rise of 3 %", "[12 dead](page)", "## The 2 lists {#sec-2}", "a ١٢ b", "me@2019"],
    )
    def test_a_typed_number_is_seen(self, text):
        assert re.search(r"\d", prose(text))

    @pytest.mark.parametrize(
        "text",
        [
            "# Lists {#sec-2}",
            "see `data[0]` and [the page](https://x.org/2019)",
            "as in [@peel2013, @doe2014]",
            "@fig-1",
            "```\n1 + 1\n```",
            "[page]: https://x.org/2019",
            "<https://x.org/2019>",
        ],
    )
    def test_code_addresses_keys_and_labels_are_no_prose(self, text):
        assert not re.search(r"\d", prose(text))


@pytest.mark.parametrize(
    "path",
    NOTEBOOKS or [pytest.param(None, marks=pytest.mark.skip(reason="there is no notebook in notebooks/ yet"))],
    ids=lambda path: path.name if path else "none",
)
class TestNotebooks:
    @staticmethod
    def cells(path: Path, kind: str | None = None) -> list[dict]:
        """Give the cells of a notebook, the source as one text."""
        content = json.loads(path.read_text(encoding="utf-8"))
        cells = [{**cell, "source": "".join(cell["source"])} for cell in content["cells"]]
        return [cell for cell in cells if kind in {None, cell["cell_type"]}]

    def test_has_text_and_code(self, path):
        assert {"markdown", "code"} <= {cell["cell_type"] for cell in self.cells(path)}

    def test_holds_no_output(self, path):
        code = self.cells(path, "code")
        assert [cell["id"] for cell in code if cell["outputs"]] == []
        assert [cell["id"] for cell in code if cell["execution_count"] is not None] == []

    def test_cell_ids_are_words_and_unique(self, path):
        ids = [cell["id"] for cell in self.cells(path)]
        assert len(set(ids)) == len(ids)
        # Eight hexadecimal digits is what tools make up for a new cell.
        odd = [
            name
            for name in ids
            if not re.fullmatch(r"[a-z][a-z0-9-]*", name) or re.search(r"(?<![a-z])(?=[a-z]*\d)[0-9a-f]{8}", name)
        ]
        assert odd == []

    def test_defines_nothing_and_imports_little(self, path):
        found = []
        for cell in self.cells(path, "code"):
            for node in ast.walk(ast.parse(cell["source"])):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    found.append(f"{cell['id']}: {node.name} is defined")
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    names = [node.module or "."]
                allowed = re.compile(r"casualties(\..*)?|pandas|IPython\.display")
                found += [f"{cell['id']}: {name} is imported" for name in names if not allowed.fullmatch(name)]
        assert found == []

    def test_no_number_is_typed_into_prose(self, path):
        found = {
            cell["id"]: match.group()
            for cell in self.cells(path, "markdown")
            if (match := re.search(r".{0,30}\d.{0,30}", prose(cell["source"])))
        }
        assert found == {}


@pytest.mark.skipif(not (shutil.which("bash") and shutil.which("git")), reason="needs bash and git")
class TestBuildServer:
    """What .ci/run does around the two commands, with commands that do little."""

    @pytest.fixture
    def folder(self, tmp_path) -> Path:
        (tmp_path / ".ci").mkdir()
        shutil.copy2(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
        (tmp_path / "report").write_text("old")
        return tmp_path

    @staticmethod
    def write(folder: Path, body: str) -> None:
        script = folder / "run"
        script.write_text(f"#!/usr/bin/env bash\nset -e\necho did $1\n{body}\n")
        script.chmod(0o755)

    @staticmethod
    def commit(folder: Path) -> None:
        who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false"]
        for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "first"]):
            subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)

    @staticmethod
    def call(folder: Path) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        return subprocess.run(
            [str(folder / ".ci" / "run")],
            cwd=folder.parent,
            env={**environment, "CI": "true", "GIT_CEILING_DIRECTORIES": str(folder.parent)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def test_tests_then_report(self, folder):
        self.write(folder, "echo made > made-on-the-way")
        self.commit(folder)
        done = self.call(folder)
        assert done.returncode == 0, done.stderr
        assert done.stdout.split("\n")[:2] == ["did test", "did report"]

    def test_fails_where_a_tracked_file_changed(self, folder):
        self.write(folder, "echo new > report")
        self.commit(folder)
        done = self.call(folder)
        assert done.returncode == 1
        assert " M report" in done.stderr

    def test_fails_where_a_command_fails(self, folder):
        self.write(folder, "exit 7")
        self.commit(folder)
        done = self.call(folder)
        assert done.returncode == 7
        assert "did report" not in done.stdout

    def test_only_warns_outside_a_checkout(self, folder):
        self.write(folder, "echo new > report")
        done = self.call(folder)
        assert done.returncode == 0
        assert "not in a git checkout" in done.stderr
