"""Parameters: what is allowed, and what is said about the rest."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from inductive.config import check, from_command_line, merge, read_yaml, resolve
from inductive.errors import InputError
from inductive.plan import Plan


def _set(params: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    changed = copy.deepcopy(params)
    *parents, last = path.split(".")
    block = changed
    for parent in parents:
        block = block[parent]
    block[last] = value
    return changed


@pytest.mark.parametrize("preset", ["full", "quick", "laptop"])
def test_presets_resolve(preset: str) -> None:
    params = resolve(overrides={"preset": preset})
    assert params["preset"] == preset
    assert params["citation"]["seeds"] == list(range(len(params["citation"]["seeds"])))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("translaton", {}, "unknown key 'translaton'; did you mean 'translation'?"),
        ("translation.epoch", 3, "translation: unknown key 'epoch'; did you mean 'epochs'?"),
        ("translation.course.nets", ["Net3"], "unknown value 'Net3'; did you mean 'Net"),
        ("citation.models.GCNN", {}, "unknown key 'GCNN'; did you mean 'GCN'?"),
        ("data.cora.kind", "generate", "did you mean 'generated'?"),
        ("translation.epochs", "ten", 'translation.epochs: expected integer, found "ten"'),
        ("translation.epochs", 0, "translation.epochs: 0 is less than the minimum of 1"),
        ("citation.epochs", -5, "citation.epochs: -5 is less than the minimum of 1"),
        ("citation.seeds", [0, 0], "citation.seeds: expected a count of 1 to 10,000, or a list"),
        ("citation.seeds", [0.5], "citation.seeds: expected a count of 1 to 10,000, or a list"),
        ("citation.seeds", [], "citation.seeds: expected a count of 1 to 10,000, or a list"),
        ("citation.splits", [], "citation.splits: is empty; at least one entry is needed"),
        ("citation.splits", ["public", "public"], "citation.splits: an entry appears twice"),
        ("translation.course.paddings", {}, "translation.course.paddings: is empty"),
        ("translation.evaluation.shifts", [1, 1], "an entry appears twice in [1, 1]"),
        ("training.device", "gpu", "training.device: unknown value 'gpu'"),
        ("citation.models.GCN.dropout", 1.0, "citation.models.GCN.dropout: 1.0"),
        ("citation.seeds", 3.0, "citation.seeds: expected a count of 1 to 10,000, or a list"),
        ("translation.epochs", 50.0, "translation.epochs: expected integer, found 50.0"),
        ("translation.epochs", True, "translation.epochs: expected integer, found true"),
        ("citation.models.GCN.learning_rate", float("nan"), "learning_rate: expected number"),
        ("translation.course.paddings", {"a;b": {}}, "'a;b' has other characters"),
        ("translation.course.paddings", {2: {}}, "the key 2 is not a name"),
        (
            "contrastive.base.temperature",
            0,
            "contrastive.base.temperature: 0 is less than or equal",
        ),
        ("contrastive.temperatures", [-0.1], "contrastive.temperatures.0: -0.1 is less than or"),
        ("rotation.evaluation.angles", ["30"], 'angles.0: expected number, found "30"'),
        ("rotation.evaluation.angles", [400], "angles.0: 400 is greater than the maximum of 360"),
        ("rotation.variants.p4.group", "p6", "unknown value 'p6'; did you mean 'p4'?"),
        ("rotation.variants", {"a/b": {}}, "'a/b' has other characters"),
        ("galaxy.variants.plain", {"drop": 0.5}, "unknown key 'drop'; did you mean 'dropout'?"),
        ("segmentation.depth", 9, "segmentation.depth: 9 is greater than the maximum of 5"),
        ("data.galaxy10.size", 3, "data.galaxy10.size: expected a number of pixels, or null"),
        ("studies", "rotation", "studies: expected all, or a list of different studies"),
    ],
)
def test_bad_parameters_are_one_line_that_names_the_key(
    params: dict[str, Any], path: str, value: object, said: str
) -> None:
    with pytest.raises(InputError) as error:
        check(_set(params, path, value), "params.yaml")
    assert said in str(error.value)
    assert str(error.value).startswith("params.yaml: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("translation.clean.modes", ["cirular"], "did you mean 'circular'?"),
        ("translation.course.paddings.valid.mode", "zeroes", "did you mean 'zeros'?"),
        ("translation.evaluation.shifts", [40], "40 is beyond the other band"),
        ("translation.draws.paddings", ["vlid"], "unknown padding 'vlid'; did you mean 'valid'?"),
        ("data.boxes.bands", [2, 23], "do not fit into 32 pixels"),
        ("data.cora.generated.train_per_class", 45, "leaves nothing of a class of 40"),
        ("data.cora.generated.test", 500, "the splits need"),
        ("studies", ["rotatoin"], "unknown study 'rotatoin'; did you mean 'rotation'?"),
        ("segmentation.crop", 30, "segmentation.crop: 30 pixels cannot be halved 2 times"),
        ("segmentation.folds", [2], "segmentation.folds: 2 is not one of 2 parts"),
        ("segmentation.sweep_variants", ["skip"], "sweep_variants: no variant is called 'skip'"),
        ("data.galaxy10.generated.images", 20, "at least 100 are needed"),
        ("data.membranes.generated.membrane", 15, "leave nothing between membranes 15 wide"),
        ("data.cora.kind", "own", "data.cora.path: kind is own, so this must name your files"),
    ],
)
def test_what_the_schema_cannot_know_is_found_before_any_job(
    params: dict[str, Any], path: str, value: object, said: str
) -> None:
    params["studies"] = "all"
    with pytest.raises(InputError) as error:
        Plan(_set(params, path, value))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_every_number_is_checked_by_the_schema(params: dict[str, Any]) -> None:
    """Whatever number is replaced by a word, the schema objects."""

    def leaves(node: Any, path: str = "") -> list[str]:
        if isinstance(node, dict):
            return [leaf for k, v in node.items() for leaf in leaves(v, f"{path}.{k}")]
        return [path.removeprefix(".")] if isinstance(node, (int, float)) else []

    check(params, "")
    for path in leaves(params):
        with pytest.raises(InputError):
            check(_set(params, path, "word"), "")


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
        resolve(overrides={"preset": "quik"})
    with pytest.raises(InputError, match="no such file"):
        resolve(overrides={"preset": str(tmp_path / "absent.yaml")})
    with pytest.raises(InputError, match="would share results/quick"):
        resolve(overrides={"preset": str(tmp_path / "quick.yaml")})


def test_overlay_of_ones_own(tmp_path: Path) -> None:
    overlay = tmp_path / "mine.yaml"
    overlay.write_text(yaml.safe_dump({"citation": {"epochs": 7}}))
    params = resolve(overrides={"preset": str(overlay), "translation": {"epochs": 9}})
    assert (params["preset"], params["citation"]["epochs"]) == ("mine", 7)
    assert params["translation"]["epochs"] == 9


def test_merge_leaves_its_arguments_alone() -> None:
    base, overlay = {"a": {"b": 1, "c": [1]}}, {"a": {"c": [2]}}
    assert merge(base, overlay) == {"a": {"b": 1, "c": [2]}}
    assert base == {"a": {"b": 1, "c": [1]}}


def test_numbers_from_the_command_line_are_numbers() -> None:
    typed = from_command_line({"a": {"b": ["0.5", "Net1"], "c": "null"}, "d": 3, "e": "quick"})
    assert typed == {"a": {"b": [0.5, "Net1"], "c": None}, "d": 3, "e": "quick"}


def test_an_error_is_one_line_whatever_it_names() -> None:
    assert str(InputError("unknown key 'a\nb\x00'")) == r"unknown key 'a\nb\x00'"
