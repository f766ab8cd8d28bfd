"""The graph of the task with a known best aggregator, from the arrays of its generator."""

from pathlib import Path

import numpy as np
from scipy import sparse

from inductive.core.run import DatasetSpec
from inductive.data.graph import Graph
from inductive.data.storage import load_arrays


def load(spec: DatasetSpec, folder: Path) -> Graph:
    """The graph in the data set's folder, a third of its nodes in each part of the split."""
    arrays = load_arrays(folder)
    parts = [np.sort(part) for part in np.array_split(arrays["order"], 3)]
    features = sparse.csr_matrix(arrays["values"])
    return Graph(features, arrays["edges"], arrays["labels"], *parts)
