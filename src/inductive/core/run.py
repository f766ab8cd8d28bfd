"""What a result is made from: a data set and a run, and the identities that name them.

Both are known before anything is computed, and survive a round trip through JSON.
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from inductive.core.files import digest


@dataclass(frozen=True)
class DatasetSpec:
    """One data set of one kind, identified before its files exist."""

    name: str
    kind: str
    """`real`, `generated` or `own`."""
    settings: dict[str, Any]
    sha256: str
    """Of the published files' checksums (`real`), of the generator's name, version and settings
    (`generated`), or of the content of the user's files (`own`)."""
    code: str = ""
    """Fingerprint of the modules that make its arrays. A run's own fingerprint covers them too."""

    @property
    def id(self) -> str:
        """<name>/<kind>-<hash8>; an edited generator or reader gives another one."""
        name = digest([self.sha256, self.code]) if self.code else self.sha256[:8]
        return f"{self.name}/{self.kind}-{name}"


@dataclass(frozen=True)
class Run:
    """One variant of a study: its settings, its data and its seeds.

    Equal identities give equal results on one kind of device, except for measured times.
    """

    study: str
    variant: str
    """Readable part of the folder's name."""
    labels: dict[str, Any]
    """The columns that distinguish this run's measurements from those of other runs."""
    training: dict[str, Any]
    """Every setting that determines the weights; empty where nothing is trained."""
    evaluation: dict[str, Any]
    """Every setting that determines the measurements."""
    seeds: tuple[int, ...]
    """Not part of the identity: seeds that exist are used, missing ones are trained."""
    dataset: DatasetSpec | None
    """None: an analytic run, for which the study offers `measure` instead of training."""
    registered: tuple[str, ...] = ()
    """`module:function` of each entry of an open registry (a padding mode) that the run uses. Of
    such a module only these functions are part of the identity, so that adding an entry changes
    no other run."""
    code: str = ""
    """Fingerprint of the code that trains. The pipeline sets this field and the next one."""
    evaluation_code: str = ""
    """Fingerprint of the code that measures."""
    example_seed: int | None = None
    """Set where `seeds` are only some seeds of the run: the smallest of all its seeds."""
    looks: tuple[int, ...] = ()
    """Counts of the first seeds, ascending, the last one of all: with how many seeds the run's
    comparisons are looked at until they are decided. Empty: with all at once."""

    @property
    def data(self) -> DatasetSpec:
        """The data set of a run that has one."""
        assert self.dataset is not None, self.id
        return self.dataset

    @property
    def example(self) -> int:
        """The seed of which examples for figures are kept: the smallest one."""
        return min(self.seeds) if self.example_seed is None else self.example_seed

    @property
    def counts(self) -> tuple[int, ...]:
        """How many seeds each look has, ascending; one number where there are no `looks`."""
        return self.looks or (len(self.seeds),)

    def at(self, count: int) -> "Run":
        """This run with its first `count` seeds. ValueError where it has fewer."""
        if not 1 <= count <= len(self.seeds):
            raise ValueError(f"{self.id}: has {len(self.seeds)} seeds, not {count}")
        return replace(self, seeds=self.seeds[:count])

    @property
    def identity(self) -> dict[str, Any]:
        """The content whose hash is in the folder's name."""
        return {
            "study": self.study,
            "variant": self.variant,
            "training": self.training,
            "dataset": self.dataset.sha256 if self.dataset else None,
            "code": self.code,
        }

    @cached_property
    def id(self) -> str:
        """<variant>-<hash8>, the name of the run's folder."""
        return f"{self.variant}-{digest(self.identity)}"

    @cached_property
    def evaluation_id(self) -> str:
        """evaluation-<hash8>: a change of the measurement does not retrain."""
        return f"evaluation-{digest([self.evaluation, self.evaluation_code])}"

    @cached_property
    def seed_set(self) -> str:
        """A name for the seeds, readable if they form few ranges: '0-9', '0-2_5'."""
        return name_seeds(self.seeds)

    def to_json(self) -> dict[str, Any]:
        """As plain data, for job specifications and provenance."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        dataset = vars(self.dataset) if self.dataset else None
        lists = {name: list(plain[name]) for name in ("seeds", "registered", "looks")}
        return plain | lists | {"dataset": dataset}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Run":
        """The inverse of `to_json`."""
        dataset = content["dataset"]
        return cls(
            **content
            | {
                "seeds": tuple(content["seeds"]),
                "registered": tuple(content["registered"]),
                "looks": tuple(content.get("looks", ())),  # absent in results of version 0.2
                "dataset": DatasetSpec(**dataset) if dataset else None,
            }
        )


def name_seeds(seeds: tuple[int, ...]) -> str:
    """Ascending ranges as '0-9_12'; '<count>-<hash8>' of what would be longer than 40 characters.

    Equal sets of seeds have equal names.
    """
    ordered, ranges = sorted(seeds), list[list[int]]()
    for seed in ordered:
        if ranges and seed == ranges[-1][1] + 1:
            ranges[-1][1] = seed
        else:
            ranges.append([seed, seed])
    name = "_".join(f"{low}-{high}" if high > low else str(low) for low, high in ranges)
    return name if len(name) <= 40 else f"{len(ordered)}x{digest(ordered)}"
