"""This package's aggregators for PyTorch Geometric: `SAGEConv(16, 16, aggr=AsPyG(PowerMean(2)))`.

No other module of the package imports this one: importing PyTorch Geometric takes seconds.
"""

from torch import Tensor
from torch_geometric.nn.aggr import Aggregation

from inductive.nn.aggregation import GeneralizedAggregation


class AsPyG(Aggregation):  # type: ignore[misc]
    """A `GeneralizedAggregation` as a `torch_geometric.nn.aggr.Aggregation`."""

    def __init__(self, aggregator: GeneralizedAggregation) -> None:
        super().__init__()
        self.aggregator = aggregator

    def forward(
        self,
        x: Tensor,
        index: Tensor | None = None,
        ptr: Tensor | None = None,
        dim_size: int | None = None,
        dim: int = -2,
    ) -> Tensor:
        """Messages (E, d) with their receivers in `index` (E,) -> (dim_size, d)."""
        self.assert_index_present(index)
        self.assert_two_dimensional_input(x, dim)
        assert index is not None
        count = int(index.max()) + 1 if dim_size is None else dim_size
        aggregated: Tensor = self.aggregator(x, index, count)
        return aggregated
