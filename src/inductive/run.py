"""A run: one variant of a study with all its seeds, and the identity that names its folder."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from inductive.code import fingerprint
from inductive.data.registry import DATASETS
from inductive.data.spec import DatasetSpec
from inductive.store import digest


@dataclass(frozen=True)
class Run:
    """One training job. Equal identities give equal results on one kind of device."""

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
    dataset: DatasetSpec
    code: str
    """Fingerprint of the code that trains and judges."""

    @property
    def identity(self) -> dict[str, Any]:
        """What the folder's name is the hash of."""
        return {
            "study": self.study,
            "training": self.training,
            "seeds": list(self.seeds),
            "dataset": self.dataset.sha256,
            "code": self.code,
        }

    @property
    def id(self) -> str:
        """<variant>-<hash8>."""
        return f"{self.variant}-{digest(self.identity)}"

    @property
    def evaluation_file(self) -> str:
        """evaluation-<hash8>.csv: another way of judging does not retrain."""
        return f"evaluation-{digest(self.evaluation)}.csv"

    def to_json(self) -> dict[str, Any]:
        """As plain data, for the plan."""
        return asdict(self) | {"seeds": list(self.seeds), "id": self.id}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Run":
        """The inverse of `to_json`."""
        fields = {key: value for key, value in content.items() if key != "id"}
        fields["dataset"] = DatasetSpec(**content["dataset"])
        fields["seeds"] = tuple(content["seeds"])
        return cls(**fields)


def code_of(
    study: str,
    dataset: DatasetSpec,
    without: Iterable[str] = (),
    functions: Iterable[Callable[..., object]] = (),
) -> str:
    """The fingerprint of all code that a run of the module `study` on `dataset` executes.

    `without` and `functions` are those of `inductive.code.fingerprint`.
    """
    known = DATASETS[dataset.name]
    roots = [study, "inductive.training.job", known.module, *known.makers(dataset.kind)]
    return fingerprint(roots, without, functions)
