"""Valid parameters, and the errors of invalid ones."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT
from inductive.core.errors import InputError
from inductive.core.layout import Layout
from inductive.pipeline.parameters import Parameters, load, schema_text
from inductive.pipeline.plan import Plan


@pytest.fixture
def check(tmp_path: Path) -> Callable[[dict[str, Any]], Parameters]:
    """Load parameters as a project's params.yaml."""
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")

    def load_them(params: dict[str, Any]) -> Parameters:
        (tmp_path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
        return load(tmp_path)

    return load_them


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
    params = load(ROOT, {"preset": preset})
    assert params.preset == preset
    seeds = params.settings["citation"].seeds  # type: ignore[attr-defined]
    assert list(seeds) == list(range(len(seeds)))
    assert list(params.studies) == list(params.settings)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("translaton", {}, "unknown key 'translaton'; did you mean 'translation'?"),
        ("translation.epoch", 3, "translation: unknown key 'epoch'; did you mean 'epochs'?"),
        ("translation.course.nets", ["Net3"], "unknown value 'Net3'; did you mean 'Net"),
        ("citation.models.GCNN", {}, "unknown key 'GCNN'; did you mean 'GCN'?"),
        ("data.cora.kind", "generate", "did you mean 'generated'?"),
        ("translation.epochs", "ten", 'translation.epochs: expected an integer, found "ten"'),
        ("translation.epochs", 0, "translation.epochs: expected at least 1, found 0"),
        ("citation.epochs", -5, "citation.epochs: expected at least 1, found -5"),
        ("citation.seeds", [0, 0], "citation.seeds: expected a count of 1 to 10,000, or a list"),
        ("citation.seeds", [0.5], "citation.seeds: expected a count of 1 to 10,000, or a list"),
        ("citation.seeds", [], "citation.seeds: expected a count of 1 to 10,000, or a list"),
        (
            "citation.seeds",
            {"first": 5, "most": 4},
            "first not to be larger than most, found",
        ),
        ("citation.seeds", {"first": 2, "most": 4}, "no comparison is decided with fewer than 3"),
        (
            "citation.seeds",
            {"first": 3, "most": 97},
            "at most 96, 32 times first: with more than",
        ),
        ("citation.seeds", {"first": 9000, "most": 10_001}, "most to be at most 10,000"),
        (
            "citation.seeds",
            {"first": 3},
            "citation.seeds: expected first and most, with an integer",
        ),
        ("citation.seeds", {"first": 3.0, "most": 4}, "with an integer as first, found"),
        ("citation.seeds", {"first": 3, "most": True}, "with an integer as most, found"),
        ("citation.seeds", {"frist": 3, "most": 4}, "unknown key 'frist'; did you mean 'first'?"),
        (
            "translation.clean.seeds",
            {"first": 2, "most": 4},
            "translation.clean.seeds: expected first to be at least 3",
        ),
        ("citation.splits", [], "citation.splits: is empty; at least one entry is needed"),
        ("citation.splits", ["public", "public"], "citation.splits: an entry appears twice"),
        ("translation.course.paddings", {}, "translation.course.paddings: is empty"),
        ("translation.evaluation.shifts", [1, 1], "an entry appears twice, found [1, 1]"),
        ("training.device", "gpu", "training.device: unknown value 'gpu'"),
        (
            "citation.models.GCN.dropout",
            1.0,
            "citation.models.GCN.dropout: expected less than 1, found 1.0",
        ),
        ("citation.seeds", 3.0, "citation.seeds: expected a count of 1 to 10,000, or a list"),
        ("translation.epochs", 50.0, "translation.epochs: expected an integer, found 50.0"),
        ("translation.epochs", True, "translation.epochs: expected an integer, found true"),
        (
            "citation.models.GCN.learning_rate",
            float("nan"),
            "learning_rate: expected a finite number",
        ),
        ("translation.course.paddings", {"a;b": {}}, "has characters other than letters"),
        ("translation.course.paddings", {2: {}}, "the key 2 is not a name"),
        (
            "contrastive.base.temperature",
            0,
            "contrastive.base.temperature: expected more than 0, found 0",
        ),
        (
            "contrastive.temperatures",
            [-0.1],
            "contrastive.temperatures.0: expected more than 0, found -0.1",
        ),
        ("rotation.evaluation.angles", ["30"], 'angles.0: expected a number, found "30"'),
        ("rotation.evaluation.angles", [400], "angles.0: expected at most 360, found 400"),
        ("rotation.variants.p4.group", "p6", "unknown value 'p6'; did you mean 'p4'?"),
        ("rotation.variants", {"a/b": {}}, "has characters other than letters"),
        ("galaxy.variants.plain", {"drop": 0.5}, "unknown key 'drop'; did you mean 'dropout'?"),
        ("segmentation.depth", 9, "segmentation.depth: expected at most 5, found 9"),
        ("data.galaxy10.size", 3, "data.galaxy10.size: expected at least 16"),
        ("studies", "rotation", "studies: expected 'all' or a list, found"),
    ],
)
def test_errors_of_invalid_parameters_are_one_line_that_names_the_key(
    check: Callable[..., Parameters], params: dict[str, Any], path: str, value: object, message: str
) -> None:
    with pytest.raises(InputError) as error:
        check(_set(params, path, value))
    assert message in str(error.value)
    assert str(error.value).startswith("params.yaml with ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("translation.clean.modes", ["cirular"], "did you mean 'circular'?"),
        ("translation.course.paddings.valid.mode", "zeroes", "did you mean 'zeros'?"),
        ("translation.evaluation.shifts", [40], "40 is beyond the other band"),
        ("translation.draws.paddings", ["vlid"], "unknown padding 'vlid'; did you mean 'valid'?"),
        ("data.boxes.bands", [2, 23], "do not fit into 32 pixels"),
        ("data.cora.generated.train_per_class", 45, "leaves no other node of a class of 40 nodes"),
        ("data.cora.generated.test", 500, "the splits need"),
        ("studies", ["rotatoin"], "unknown study 'rotatoin'; did you mean 'rotation'?"),
        ("segmentation.crop", 30, "segmentation.crop: 30 pixels cannot be halved 2 times"),
        ("segmentation.folds", [2], "segmentation.folds: 2 is not one of 2 parts"),
        ("segmentation.sweep_variants", ["skip"], "sweep_variants: no variant is called 'skip'"),
        ("data.galaxy10.generated.images", 20, "at least 100 are needed"),
        ("data.membranes.generated.membrane", 15, "leave nothing between membranes 15 wide"),
        ("data.cora.kind", "own", "data.cora.path: must name your files, because kind is own"),
    ],
)
def test_errors_that_types_cannot_express_are_detected_before_any_job(
    check: Callable[..., Parameters], params: dict[str, Any], path: str, value: object, message: str
) -> None:
    params["studies"] = "all"
    with pytest.raises(InputError) as error:
        Plan(check(_set(params, path, value)), Layout())
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_every_number_has_a_type(check: Callable[..., Parameters], params: dict[str, Any]) -> None:
    """If any number is replaced by a word, its type refuses it and the error names its key."""

    def leaves(node: Any, path: str = "") -> list[str]:
        if isinstance(node, dict):
            return [leaf for k, v in node.items() for leaf in leaves(v, f"{path}.{k}")]
        return [path.removeprefix(".")] if isinstance(node, (int, float)) else []

    check(params)
    for path in leaves(params):
        with pytest.raises(InputError) as error:
            check(_set(params, path, "word"))
        assert path in str(error.value), error.value


def test_the_committed_schema_is_current() -> None:
    """`make schema` writes it again."""
    assert (ROOT / "workflow/schemas/params.schema.json").read_text() == schema_text()
