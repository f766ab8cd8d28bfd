"""Data sets from small settings, made and loaded in a temporary folder."""

from collections.abc import Callable
from typing import Any

import pytest

from inductive.core.layout import Layout
from inductive.core.run import DatasetSpec
from inductive.data import registry
from inductive.data.settings import DataSettings

Resolve = Callable[..., DatasetSpec]


@pytest.fixture
def resolve(params: dict[str, Any], layout: Layout) -> Resolve:
    """`resolve(name, extra={}, **changes)`: a data set on small settings with changes to them."""

    def resolve(name: str, extra: dict[str, Any] | None = None, /, **changes: Any) -> DatasetSpec:
        settings = DataSettings.model_validate({name: params["data"][name] | changes})
        return registry.Datasets(settings, layout).resolve(name, **extra or {})

    return resolve


@pytest.fixture
def make_and_load(layout: Layout) -> Callable[[DatasetSpec], Any]:
    """`make_and_load(spec)`: the data set in memory, after the `data` step."""

    def make_and_load(spec: DatasetSpec) -> Any:
        registry.make(spec, layout)
        return registry.load(spec, layout)

    return make_and_load
