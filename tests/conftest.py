"""Fixtures that several test files need."""

from pathlib import Path

import pytest

from casualties.events import Events
from casualties.study import Study, load_study

ROOT = Path(__file__).resolve().parents[1]


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
