"""The valid content of the `data` block of params.yaml."""

from typing import Any

import pytest
from pydantic import ValidationError

from inductive.data.settings import DataSettings


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("boxes.kind", "real"),
        ("boxes.size", 16),
        ("boxes.train", 0),
        ("boxes.train", 40.0),
        ("boxes.bands", [7]),
        ("boxes.bands", [7, 15, 23]),
        ("cora.kind", "generate"),
        ("cora.name", ""),
        ("cora.path", 1),
        ("cora.generated.class_sizes", [100]),
        ("cora.generated.homophily", 0),
        ("cora.generated.homophily", 1),
        ("cora.generated.homophily_concentration", 0.0),
        ("cora.generated.degree_spread", -0.1),
        ("cora.generated.topic_words", 1.5),
        ("cora.generated.topic_boost", "4"),
        ("mnist.kind", "generated"),
        ("mnist.size", 15),
        ("cifar10.generated.tilt", 45.5),
        ("cifar10.generated.noise", True),
        ("cifar10.generated.noise", float("nan")),
        ("galaxy10.generated.aligned", 1),
        ("galaxy10.generated.seed", -1),
        ("membranes.generated.images", 1),
        ("membranes.generated.size", 31),
        ("membranes.generated.cell", 0),
        ("celltypegraph.generated.specimens", 100_001),
        ("celltypegraph.generated.stages", 1001),
        ("grimm.generated.characters", 999),
        ("neighbourhoods.nodes", 29),
        ("neighbourhoods.degree", 0),
        ("neighbourhoods.target", "max"),
        ("imagenet", {"kind": "real"}),
    ],
)
def test_invalid_values_are_refused(params: dict[str, Any], key: str, value: object) -> None:
    DataSettings.model_validate(params["data"])
    *above, last = key.split(".")
    node = params["data"]
    for step in above:
        node = node[step]
    node[last] = value
    with pytest.raises(ValidationError) as error:
        DataSettings.model_validate(params["data"])
    assert error.value.errors()[0]["loc"][: len(above) + 1] == (*above, last)


def test_every_key_is_required(params: dict[str, Any]) -> None:
    for name, block in params["data"].items():
        for key in block:
            rest = {k: v for k, v in block.items() if k != key}
            with pytest.raises(ValidationError, match="Field required"):
                DataSettings.model_validate({name: rest})


def test_limits_themselves_are_allowed(params: dict[str, Any]) -> None:
    data = params["data"]
    data["boxes"] |= {"size": 17, "seed": 0}
    data["cifar10"]["generated"] |= {"tilt": 45, "noise": 0}
    data["cora"]["generated"] |= {"topic_words": 1, "degree_spread": 0}
    data["celltypegraph"]["generated"] |= {"specimens": 100_000, "stages": 1000}
    data["mnist"] |= {"size": 16, "kind": "own", "path": "somewhere"}
    assert DataSettings.model_validate(data).model_dump() == data
