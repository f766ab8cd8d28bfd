"""What a dataset is, before any of it is there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inductive.store import DATA, digest


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
    code: str = ""
    """Fingerprint of what makes its arrays. A run's own fingerprint covers it too."""

    @property
    def folder(self) -> Path:
        """data/<name>/<kind>-<hash8>; an edited generator or reader makes its data again."""
        name = digest([self.sha256, self.code]) if self.code else self.sha256[:8]
        return DATA / self.name / f"{self.kind}-{name}"

    @property
    def card(self) -> Path:
        """The file that says what the folder holds; it is written last."""
        return self.folder / "dataset.json"
