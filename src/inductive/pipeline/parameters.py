"""All parameters of a preset, typed: the only module that uses the blocks of all studies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, create_model

from inductive.core.errors import InputError, unknown
from inductive.core.explain import validate
from inductive.core.parameters import flatten, project_folder, read_yaml, resolve
from inductive.core.settings import Count, NonNegative, Settings
from inductive.data.settings import DataSettings
from inductive.studies import Study, discover, extend


class TrainingSettings(Settings):
    """The `training` block: where and how training runs, not what it computes."""

    device: Literal["auto", "cpu", "cuda", "mps"]
    seeds_together: Count | Literal["auto"]
    checkpoint_seconds: NonNegative


class TopLevel(Settings):
    """The keys of params.yaml that are not a study's block."""

    preset: str
    studies: Literal["all"] | list[str]
    studies_path: list[str] = Field(default_factory=list)
    data: DataSettings
    training: TrainingSettings


@dataclass(frozen=True)
class Parameters:
    """The parameters in force, checked."""

    preset: str
    studies: dict[str, Study]
    """The selected studies, in the order of `studies`, or of their blocks if all are selected."""
    settings: dict[str, Settings]
    """Of the same studies."""
    studies_path: list[str]
    data: DataSettings
    training: TrainingSettings
    differences: dict[str, list[str]]
    """Key -> its value in params.yaml and the one in force, where they differ."""


def load(root: Path, overrides: Mapping[str, Any] | None = None) -> Parameters:
    """params.yaml of the project at `root`, its preset and `overrides` (of `snakemake --config`).

    Raises InputError with one line for the first thing that is not allowed.
    """
    project = project_folder(root)
    raw, origin = resolve(project, overrides)
    own = {name: raw[name] for name in TopLevel.model_fields if name in raw}
    extend_by(own.get("studies_path", []), origin)
    known = discover()
    blocks = {name: block for name, block in raw.items() if name not in TopLevel.model_fields}
    for name in blocks:
        if name not in known:
            raise InputError(f"{origin}: {unknown('key', name, [*TopLevel.model_fields, *known])}")
    top = validate(TopLevel, own, origin)
    settings = {
        name: validate(known[name].settings, block, origin, name) for name, block in blocks.items()
    }
    names = list(settings) if top.studies == "all" else top.studies
    _check_names(names, settings, known, origin)
    return Parameters(
        preset=top.preset,
        studies={name: known[name] for name in names},
        settings={name: settings[name] for name in names},
        studies_path=top.studies_path,
        data=top.data,
        training=top.training,
        differences=_differences(read_yaml(project / "params.yaml"), raw),
    )


def extend_by(folders: object, origin: str) -> None:
    """Also find studies in the folders of `studies_path`."""
    if not isinstance(folders, list) or not all(isinstance(folder, str) for folder in folders):
        raise InputError(f"{origin}: studies_path: expected a list of folders, found {folders!r}")
    extend(Path(folder).expanduser().resolve() for folder in folders)


def _check_names(
    names: list[str], settings: dict[str, Settings], known: dict[str, Study], origin: str
) -> None:
    if not names:
        raise InputError(f"{origin}: studies: is empty; at least one entry is needed")
    for i, name in enumerate(names):
        if name not in known:
            raise InputError(f"{origin}: studies: {unknown('study', name, known)}")
        if name not in settings:
            raise InputError(f"{origin}: the key '{name}', the study's settings, is missing")
        if name in names[:i]:
            raise InputError(f"{origin}: studies: '{name}' appears twice")


def _differences(base: dict[str, Any], raw: dict[str, Any]) -> dict[str, list[str]]:
    before, after = flatten(base), flatten(raw)
    keys = [key for key in after if before.get(key) != after[key] and key != "preset"]
    return {key: [str(before.get(key, "-")), str(after[key])] for key in keys}


def schema() -> dict[str, Any]:
    """The JSON schema of params.yaml, for editors."""
    studies = {name: (study.settings, ...) for name, study in discover().items()}
    model = create_model("Params", __base__=TopLevel, **studies)  # type: ignore[call-overload]
    content: dict[str, Any] = model.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | content


def schema_text() -> str:
    """The schema as it is checked in."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def question_table(*, markdown: bool) -> str:
    """Every study of params.yaml and its question, in the order of the blocks there."""
    known = discover()
    blocks = [name for name in read_yaml(project_folder(Path()) / "params.yaml") if name in known]
    questions = {name: known[name].prose["question"] for name in blocks}
    if not markdown:
        return "\n".join(f"{name:16} {question}" for name, question in questions.items())
    rows = [f"| [{n}](src/inductive/studies/{n}) | {q} |" for n, q in questions.items()]
    return "\n".join(["| study | question |", "| --- | --- |", *rows])
