"""The citation networks against PyG's own layers and training script."""

import torch
import torch.nn.functional as F
from common import Pair, load_data, planned_runs, train
from torch import Tensor, nn
from torch_geometric.nn import GATConv, GCNConv

from inductive.data.graph import Graph
from inductive.nn.graph_tensors import sparse_graph_tensors

OVERRIDES = {"data": {"cora": {"kind": "generated"}}}


class StockGCN(nn.Module):
    """GCNConv as PyG's own example has it: dense features, cached normalisation."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.first = GCNConv(features, 16, cached=True)
        self.second = GCNConv(16, classes, cached=True)

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        x = F.dropout(x, 0.5, self.training)
        x = F.dropout(F.relu(self.first(x, edge_index)), 0.5, self.training)
        return self.second(x, edge_index)


class StockGAT(nn.Module):
    """GATConv as PyG's own example has it."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.first = GATConv(features, 8, heads=8, dropout=0.6)
        self.second = GATConv(64, classes, heads=1, concat=False, dropout=0.6)

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        x = F.dropout(x, 0.6, self.training)
        x = F.dropout(F.elu(self.first(x, edge_index)), 0.6, self.training)
        return self.second(x, edge_index)


STOCK = {"GCN": StockGCN, "GAT": StockGAT}


def pairs() -> dict[str, Pair]:
    """'<model>, <epochs> epochs' -> both trainings on a graph of Cora's size.

    Trains every network for two epochs first: first calls import and compile.
    """
    runs = planned_runs("citation", OVERRIDES)
    graph = load_data(runs["GCN-public"])
    made = {}
    for model in STOCK:
        run = runs[f"{model}-public"]
        train_stock(model, graph, 2)
        train(run, graph, 2)
        epochs = run.training["epochs"]
        made[f"{model}, {epochs} epochs"] = Pair(
            lambda model=model, epochs=epochs: train_stock(model, graph, epochs),
            lambda run=run, epochs=epochs: train(run, graph, epochs),
        )
    return made


def train_stock(model: str, graph: Graph, epochs: int) -> None:
    """PyG's training script: every epoch a full-batch step, then an evaluation."""
    network = STOCK[model](graph.features.shape[1], graph.num_classes)
    tensors = sparse_graph_tensors(graph.features, graph.edges)
    x = torch.zeros(graph.features.shape)
    x[tensors.features.row, tensors.features.column.long()] = tensors.feature_values
    i, j = torch.from_numpy(graph.edges)
    edge_index = torch.stack([torch.cat([i, j]), torch.cat([j, i])])
    labels = torch.from_numpy(graph.labels)
    nodes, held_out = torch.from_numpy(graph.train), torch.from_numpy(graph.validation)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01, weight_decay=5e-4)
    for _ in range(epochs):
        network.train()
        optimizer.zero_grad()
        F.cross_entropy(network(x, edge_index)[nodes], labels[nodes]).backward()
        optimizer.step()
        network.eval()
        with torch.no_grad():
            scores = network(x, edge_index)[held_out]
            F.cross_entropy(scores, labels[held_out])
            (scores.argmax(1) == labels[held_out]).float().mean()
