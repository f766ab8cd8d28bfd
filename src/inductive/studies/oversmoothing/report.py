"""Tables and figures of the oversmoothing study."""

from inductive.studies.oversmoothing.figures import figures
from inductive.studies.oversmoothing.tables import tables

__all__ = ["figures", "tables"]
