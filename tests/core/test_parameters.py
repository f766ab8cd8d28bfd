"""Checked YAML, and the merging of overlays."""

from pathlib import Path

import pytest
import yaml

from conftest import ROOT
from inductive.core.errors import InputError
from inductive.core.parameters import from_command_line, merge, project_folder, read_yaml, resolve


def test_duplicate_and_unknown_files(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text("a: 1\nb: 2\na: 3\n")
    with pytest.raises(InputError, match=r"twice.yaml:3: the key 'a' appears twice"):
        read_yaml(path)
    path.write_text("a: [1\n")
    with pytest.raises(InputError, match="not valid YAML"):
        read_yaml(path)
    path.write_text("- 1\n")
    with pytest.raises(InputError, match="expected a mapping"):
        read_yaml(path)
    with pytest.raises(InputError, match="unknown preset 'quik'; did you mean 'quick'"):
        resolve(ROOT, {"preset": "quik"})
    with pytest.raises(InputError, match="no such file"):
        resolve(ROOT, {"preset": str(tmp_path / "absent.yaml")})
    with pytest.raises(InputError, match="would share results/quick"):
        resolve(ROOT, {"preset": str(tmp_path / "quick.yaml")})


def test_a_user_s_overlay(tmp_path: Path) -> None:
    overlay = tmp_path / "mine.yaml"
    overlay.write_text(yaml.safe_dump({"citation": {"epochs": 7}}))
    params, origin = resolve(ROOT, {"preset": str(overlay), "translation": {"epochs": 9}})
    assert (params["preset"], params["citation"]["epochs"]) == ("mine", 7)
    assert params["translation"]["epochs"] == 9
    assert str(overlay) in origin


def test_merge_does_not_change_its_arguments() -> None:
    base, overlay = {"a": {"b": 1, "c": [1]}, "d": {"e": 1}}, {"a": {"c": [2]}, "d": None}
    assert merge(base, overlay) == {"a": {"b": 1, "c": [2]}}
    assert base == {"a": {"b": 1, "c": [1]}, "d": {"e": 1}}


def test_numbers_from_the_command_line_are_numbers() -> None:
    typed = from_command_line({"a": {"b": ["0.5", "Net1"], "c": "null"}, "d": 3, "e": "quick"})
    assert typed == {"a": {"b": [0.5, "Net1"], "c": None}, "d": 3, "e": "quick"}


def test_an_error_is_always_one_line() -> None:
    assert str(InputError("unknown key 'a\nb\x00'")) == r"unknown key 'a\nb\x00'"


def test_a_folder_without_parameters_uses_those_of_the_package(tmp_path: Path) -> None:
    assert project_folder(ROOT) == ROOT
    assert (project_folder(tmp_path) / "workflow/presets/quick.yaml").is_file()
