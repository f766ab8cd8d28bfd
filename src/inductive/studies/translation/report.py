"""Tables and figures of the translation study."""

from inductive.studies.translation.figures import figures
from inductive.studies.translation.tables import tables

__all__ = ["figures", "tables"]
