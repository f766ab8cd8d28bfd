"""Tables and figures of the aggregation study."""

from inductive.studies.aggregation.figures import figures
from inductive.studies.aggregation.tables import tables

__all__ = ["figures", "tables"]
