"""A run: one variant of a study with all its seeds, and the identity that names its folder."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from inductive.code import fingerprint
from inductive.data.registry import DATASETS
from inductive.data.spec import DatasetSpec
from inductive.store import digest


@dataclass(frozen=True)
class Run:
    """One training job, or one of a study that trains nothing and has no data.

    Equal identities give equal results on one kind of device, but for times that were measured.
    """

    study: str
    variant: str
    """Readable part of the folder's name."""
    labels: dict[str, Any]
    """The columns that tell this run from others in the study's tidy results."""
    training: dict[str, Any]
    """Every number that decides the weights."""
    evaluation: dict[str, Any]
    """Every number that decides how the weights are judged."""
    seeds: tuple[int, ...]
    dataset: DatasetSpec | None
    """None: nothing is trained; `study.verify(run, device)` takes the place of training."""
    code: str
    """Fingerprint of the code that trains and judges."""

    @property
    def data(self) -> DatasetSpec:
        """The dataset of a run that has one."""
        assert self.dataset is not None, self.id
        return self.dataset

    @property
    def identity(self) -> dict[str, Any]:
        """What the folder's name is the hash of."""
        return {
            "study": self.study,
            "training": self.training,
            "seeds": list(self.seeds),
            "dataset": self.dataset.sha256 if self.dataset else None,
            "code": self.code,
        }

    @cached_property
    def id(self) -> str:
        """<variant>-<hash8>."""
        return f"{self.variant}-{digest(self.identity)}"

    @cached_property
    def evaluation_file(self) -> str:
        """evaluation-<hash8>.csv: another way of judging does not retrain."""
        if self.dataset is None:
            return "verification.csv"
        return f"evaluation-{digest(self.evaluation)}.csv"

    def to_json(self) -> dict[str, Any]:
        """As plain data, for the plan."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        dataset = vars(self.dataset) if self.dataset else None
        return plain | {"seeds": list(self.seeds), "dataset": dataset, "id": self.id}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Run":
        """The inverse of `to_json`."""
        fields = {key: value for key, value in content.items() if key != "id"}
        dataset = content["dataset"]
        fields["dataset"] = DatasetSpec(**dataset) if dataset else None
        fields["seeds"] = tuple(content["seeds"])
        return cls(**fields)


def code_of(
    study: str,
    dataset: DatasetSpec | None,
    without: Iterable[str] = (),
    functions: Iterable[Callable[..., object]] = (),
) -> str:
    """The fingerprint of all code that a run of the module `study` on `dataset` executes.

    `without` and `functions` are those of `inductive.code.fingerprint`.
    """
    roots = [study, "inductive.training.job"]
    if dataset:
        known = DATASETS[dataset.name]
        roots += [known.module, *known.makers(dataset.kind)]
    return fingerprint(roots, without, functions)
