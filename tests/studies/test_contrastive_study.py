"""The contrastive study: its encoder, measures of embeddings, artefacts for the report."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.studies.contrastive.embedding import effective_rank, shape_of_pairs
from inductive.studies.contrastive.evaluate import evaluate
from inductive.studies.contrastive.metrics import METRICS
from inductive.studies.contrastive.networks import SimCLR
from inductive.studies.contrastive.task import task
from inductive.training.ensemble import Ensemble

CPU = torch.device("cpu")


def test_rank_and_cosines_of_known_embeddings() -> None:
    assert effective_rank(torch.ones(30, 8)).item() == pytest.approx(1)
    assert effective_rank(torch.eye(8).repeat(4, 1)).item() == pytest.approx(8)
    shape = shape_of_pairs(torch.eye(6, dtype=torch.float64).repeat(2, 1))
    assert shape["cosine of positives"].item() == pytest.approx(1)
    assert shape["cosine of negatives"].item() == pytest.approx(0)
    assert shape["alignment"].item() == pytest.approx(0)
    assert shape["uniformity"].item() == pytest.approx(-4)  # all distances are √2


def test_the_head_is_applied_to_the_encoder() -> None:
    net, x = SimCLR(channels=3, projection=7), torch.rand(4, 3, 32, 32)
    assert net.encode(x).shape == (4, 128)
    torch.testing.assert_close(net(x), net.projection(F.relu(net.hidden(net.encode(x)))))
    alone = torch.cat([net(one[None]) for one in x])  # no image depends on its batch
    torch.testing.assert_close(net(x), alone, rtol=1e-4, atol=1e-5)


def test_the_base_must_be_a_point_of_a_grid(make_runs: Callable[..., list[Run]]) -> None:
    with pytest.raises(InputError, match=r"temperature 0\.3 and batch_size 32 are in neither"):
        make_runs("contrastive", {"base": {"temperature": 0.3, "batch_size": 32}})


def test_only_the_base_keeps_examples_and_all_metrics_are_declared(
    make_runs: Callable[..., list[Run]], make_data: Callable[[Run], Any]
) -> None:
    for run in make_runs("contrastive"):
        if run.labels["variant"] not in ("temperature-0.2", "supervised"):
            continue
        data = make_data(run)
        networks = Ensemble.initialise(task(run, data, CPU).build, run.seeds, CPU)
        with torch.no_grad():
            table = evaluate(run, data, {"last": networks}, CPU)
        assert {row[3] for row in table.rows} == set(METRICS)
        assert all(set(row[4]) <= METRICS[row[3]].coordinates for row in table.rows)
        if not run.labels["base"]:
            assert not table.artefacts
            continue
        classes = table.artefacts["0/embedded classes"]
        for name in ("untrained, PCA", "trained, PCA", "trained, t-SNE"):
            points = table.artefacts[f"0/{name}"]
            assert points.shape == (len(classes), 2)
            assert np.isfinite(points).all()
        assert table.artefacts["pictures"].shape[0] == 3
        assert table.artefacts["views"].shape == (5, *table.artefacts["pictures"].shape)
