"""The registry: which modules make and load a data set, and how one is identified."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from inductive.core.errors import InputError
from inductive.core.fingerprint import closure
from inductive.core.layout import Layout
from inductive.core.run import DatasetSpec
from inductive.data import registry
from inductive.data.registry import DATASETS, Datasets, modules_of
from inductive.data.settings import DataSettings
from inductive.data.sources import published
from pictures import CLASSES, write_files

EXTRA = {"boxes": {"protocol": "clean"}, "neighbourhoods": {"target": "max"}}
KINDS = [
    (name, kind)
    for name, dataset in DATASETS.items()
    for kind in ("real", "generated", "own")
    if dataset.maker(kind)
]
GENERATED = "inductive.data.generated."
FORMATS = "inductive.data.formats."


def test_every_data_set_has_its_modules_and_sources() -> None:
    for name, dataset in DATASETS.items():
        assert dataset.real or dataset.generated, name
        assert callable(import_module(dataset.loader).load)
        for kind in ("real", "own"):
            if reader := dataset.maker(kind):
                assert callable(import_module(reader).read)
        if dataset.own:
            assert callable(import_module(dataset.own).own_files)
            assert callable(import_module(dataset.own).check_own)
        if dataset.real:
            source = published(name)
            for file in source.files.values():
                algorithm, checksum = file.checksum
                assert len(checksum) == {"sha256": 64, "md5": 32}[algorithm]
            assert all(url.startswith("https://") for url in source.upstreams)
            assert source.licence
            assert source.citation


def test_every_data_set_has_settings() -> None:
    assert list(DataSettings.model_fields) == list(DATASETS)


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_a_run_depends_only_on_the_modules_of_its_kind(name: str, kind: str) -> None:
    """Citation's runs on Cora do not depend on the generator of tissues, nor on Cora's."""
    modules = modules_of(DatasetSpec(name, kind, {}, ""))
    assert modules[0] == DATASETS[name].loader
    reached = closure(modules)
    assert set(modules) <= set(reached)
    generators = {m for m in reached if m.startswith(GENERATED)}
    if kind == "generated":
        assert generators - {f"{GENERATED}grammar"} == {DATASETS[name].generated}
    else:
        assert not generators
    if kind != "own" and name not in ("cora", "membranes", "celltypegraph", "grimm"):
        assert f"{FORMATS}image_files" not in reached
    if kind == "generated" and name != "celltypegraph":  # tissues are files, read by the reader
        assert not {m for m in reached if m.startswith(FORMATS)}


def test_modules_are_named_once() -> None:
    boxes = modules_of(DatasetSpec("boxes", "generated", {}, ""))
    assert boxes == ["inductive.data.generated.boxes"]


def test_resolving_imports_no_torch(tmp_path: Path) -> None:
    """Planning resolves every data set, and every cluster job repeats the planning."""
    own = write_files(tmp_path / "own", CLASSES)
    script = (
        "import sys, yaml\n"
        "from pathlib import Path\n"
        "from inductive.core.layout import Layout\n"
        "from inductive.data.registry import DATASETS, Datasets\n"
        "from inductive.data.settings import DataSettings\n"
        "block = yaml.safe_load(open('params.yaml'))['data']\n"
        f"block['mnist'] |= {{'kind': 'own', 'path': {str(own)!r}}}\n"
        "for name in DATASETS:\n"
        "    if name != 'mnist': block[name]['kind'] = 'generated'\n"
        f"datasets = Datasets(DataSettings(**block), Layout(Path({str(tmp_path)!r})))\n"
        f"for name in DATASETS: datasets.resolve(name, **{EXTRA!r}.get(name, {{}}))\n"
        "print(sorted({'torch', 'pandas', 'matplotlib', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_a_data_set_that_an_overlay_removed(layout: Layout) -> None:
    datasets = Datasets(DataSettings(boxes=None), layout)
    with pytest.raises(InputError, match=r"data.boxes: removed by an overlay"):
        datasets.resolve("boxes", protocol="clean")
    with pytest.raises(InputError, match="unknown dataset 'boxs'; did you mean 'boxes'"):
        datasets.resolve("boxs")


def test_own_without_a_path(resolve: Callable[..., DatasetSpec]) -> None:
    with pytest.raises(InputError, match=r"data.cora.path: must name your files"):
        resolve("cora", kind="own")


def test_settings_are_as_written(
    params: dict[str, Any], resolve: Callable[..., DatasetSpec]
) -> None:
    """A number is not converted: 12 stays 12, so that an id does not depend on the loader."""
    for name in ("cora", "cifar10", "galaxy10", "membranes", "celltypegraph", "grimm"):
        generated = params["data"][name]["generated"]
        spec = resolve(name)
        assert spec.settings == generated
        assert repr(sorted(spec.settings.items())) == repr(sorted(generated.items()))
    block = {k: v for k, v in params["data"]["neighbourhoods"].items() if k != "kind"}
    assert resolve("neighbourhoods", {"target": "sum"}).settings == block | {"target": "sum"}


def test_a_relative_path_is_relative_to_the_project(
    tmp_path: Path, params: dict[str, Any], layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(layout.root / "own", CLASSES)
    block = params["data"]["cifar10"] | {"kind": "own", "path": "own"}
    spec = Datasets(DataSettings.model_validate({"cifar10": block}), layout).resolve("cifar10")
    registry.make(spec, layout)
    monkeypatch.chdir(tmp_path)
    assert len(registry.load(spec, layout).labels) == len(CLASSES)
    assert str(tmp_path) not in layout.card(spec).read_text()


def test_a_data_set_that_is_not_on_this_disk_is_named(
    resolve: Callable[..., DatasetSpec], layout: Layout
) -> None:
    spec = resolve("grimm")
    with pytest.raises(InputError, match=r"dataset.json: no such file; `snakemake --cores 1 data`"):
        registry.load(spec, layout)
    registry.make(spec, layout)
    assert registry.facts(spec, layout)["tales"] > 0
    assert layout.card(spec).parent == layout.data / spec.id
