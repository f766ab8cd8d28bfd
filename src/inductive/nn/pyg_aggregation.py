"""Our aggregators where PyG expects its own: `SAGEConv(16, 16, aggr=AsPyG(PowerMean(2)))`."""

from torch import Tensor
from torch_geometric.nn.aggr import Aggregation

from inductive.nn.aggregation import Aggregator


class AsPyG(Aggregation):
    """An `Aggregator` as a `torch_geometric.nn.aggr.Aggregation`."""

    def __init__(self, aggregator: Aggregator) -> None:
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
        """Messages (E, d) with their receivers in `index` -> (dim_size, d)."""
        self.assert_index_present(index)
        self.assert_two_dimensional_input(x, dim)
        assert index is not None
        count = int(index.max()) + 1 if dim_size is None else dim_size
        aggregated: Tensor = self.aggregator(x, index, count)
        return aggregated
