"""Fixtures that several test files need."""

import os
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from casualties.events import Events
from casualties.study import Study, load_study

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def kept_answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep answers of verdicts in a file of this run, which its processes share, and not in the user's."""
    folder = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "CASUALTIES_CACHE",
            str((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "answers.sqlite"),
        )
        yield


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Close what a test has drawn: matplotlib keeps every figure, and warns of too many in a later test."""
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder with the provider's raw files, or skip: they do not ship with the project."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the provider's raw files are not beside the project; the figures that ship are tested instead")
    return folder


@pytest.fixture(scope="session")
def study() -> Study:
    """Give the bundled study; its sources are read once, and no test changes them."""
    return load_study("idlib-2019")


@pytest.fixture(scope="session")
def events(study: Study) -> Events:
    """Give the bundled events."""
    return study.sources["ucdp"]


@pytest.fixture(scope="session")
def sources() -> pd.DataFrame:
    """Give the three simulated sources of which R's numbers are known."""
    return pd.read_csv(ROOT / "tests" / "reference" / "sources.csv")


@pytest.fixture(scope="session")
def numbers_of_r() -> dict[str, list[float]]:
    """Give R's measures of agreement of these sources, by method."""
    table = pd.read_csv(ROOT / "tests" / "reference" / "agreement.csv")
    table = table[table["item"] != "confid"]
    return {row.method: [float(part) for part in str(row.value).split(";")] for row in table.itertuples()}
