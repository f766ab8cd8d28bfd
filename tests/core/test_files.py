"""Files that are complete or absent, and their modification times."""

import os
import time
from pathlib import Path

import pytest

from inductive.core.errors import InputError
from inductive.core.files import (
    atomic,
    checksums,
    clamp_future_mtimes,
    verify_checksums,
    write_if_changed,
)


def test_an_unchanged_file_keeps_its_modification_time(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_if_changed(path, {"a": 1})
    before = path.stat().st_mtime_ns
    write_if_changed(path, {"a": 1})
    assert path.stat().st_mtime_ns == before
    write_if_changed(path, {"a": 2})
    assert path.stat().st_mtime_ns != before


def test_a_changed_file_is_younger_than_the_output_made_from_it(tmp_path: Path) -> None:
    path, output = tmp_path / "plan.json", tmp_path / "page.html"
    output.write_text("")
    late = time.time() + 50
    os.utime(output, (late, late))
    write_if_changed(path, {"a": 1}, output)
    assert path.stat().st_mtime > output.stat().st_mtime


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def write_and_fail() -> None:
        with atomic(path) as temporary:
            temporary.write_text("half of the n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_modification_times_in_the_future_are_set_to_now(tmp_path: Path) -> None:
    now = time.time()
    late, early = tmp_path / "a" / "late", tmp_path / "a" / "early"
    late.parent.mkdir()
    for file, at in [(late, now + 86400), (early, now - 86400)]:
        file.write_text("")
        os.utime(file, (at, at))
    clamp_future_mtimes(tmp_path / "a", tmp_path / "missing")
    assert now - 2 < late.stat().st_mtime < now + 2
    assert early.stat().st_mtime == pytest.approx(now - 86400)


def test_damage_is_detected(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("content")
    recorded = checksums(tmp_path, ["a"])
    verify_checksums(tmp_path, recorded)
    (tmp_path / "a").write_text("contenT")
    with pytest.raises(InputError, match="a: damaged"):
        verify_checksums(tmp_path, recorded)
    (tmp_path / "a").unlink()
    with pytest.raises(InputError, match="a: no such file"):
        verify_checksums(tmp_path, recorded)
