"""Projects of the soak tests: one that is finished, copies of it, and one that is not begun."""

import shutil
from pathlib import Path

import pytest

from soak_project import SoakProject


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> SoakProject:
    """A project whose results are all there, made without any fault."""
    project = SoakProject(tmp_path_factory.mktemp("undisturbed") / "project")
    project.snakemake()
    return project


@pytest.fixture
def done(undisturbed: SoakProject, tmp_path: Path) -> SoakProject:
    """A copy of the finished project."""
    copy = SoakProject.__new__(SoakProject)
    copy.folder = tmp_path / "copy"
    shutil.copytree(undisturbed.folder, copy.folder, symlinks=True)
    return copy


@pytest.fixture
def begun(tmp_path: Path) -> SoakProject:
    """The same project without any results."""
    return SoakProject(tmp_path / "project")
