"""What a dataset is, before any of it is there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inductive.store import DATA


@dataclass(frozen=True)
class DatasetSpec:
    """One dataset of one kind. Its sha256 is known before any job runs.

    For `real` it covers the published files' checksums, for `generated` the generator's name,
    version and settings, for `own` the content of the user's files.
    """

    name: str
    kind: str
    settings: dict[str, Any]
    sha256: str

    @property
    def folder(self) -> Path:
        """data/<name>/<kind>-<hash8>."""
        return DATA / self.name / f"{self.kind}-{self.sha256[:8]}"

    @property
    def card(self) -> Path:
        """The file that says what the folder holds; it is written last."""
        return self.folder / "dataset.json"
