"""The time of a training step of a trained network, and how it grows with the depth."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F

from inductive.studies.oversmoothing.task import Training, build_network
from inductive.studies.shared.many_graphs import ManyGraphsTask
from inductive.studies.shared.node_task import Probe
from inductive.studies.shared.whole_graph import WholeGraphTask
from inductive.training.cost import exponent, interleaved_milliseconds, timing_spread
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

SHALLOWEST = 8
"""Least depth of a run whose growth with the depth is measured: in shallower networks, the layers
that read the features and give the scores matter."""


def add_times(
    table: MeasurementTable,
    training: Training,
    node_task: WholeGraphTask | ManyGraphsTask,
    ensemble: Ensemble,
    device: torch.device,
) -> None:
    """The time of a forward and backward pass; it differs from one measurement to the next.

    Depths are trained in different jobs, at different times. So that they can be compared all the
    same, new networks of a half and a quarter of the depth are timed in turn with each network of a
    deep run, and the exponent in the depth is fitted to these three.
    """
    depths = [training.depth]
    if training.depth >= SHALLOWEST:
        depths += [training.depth // 2, training.depth // 4]
    works = []
    for i, seed in enumerate(ensemble.seeds):
        probe = node_task.probes(seed)[0]
        works.append(_step(ensemble.select(i), probe))
        for depth in depths[1:]:
            build = partial(build_network, replace(training, depth=depth), *node_task.shape)
            works.append(_step(Ensemble.initialise(build, [seed], device), probe))
    times = interleaved_milliseconds(works, device)
    by_seed = times.reshape(len(times), ensemble.count, len(depths)).swapaxes(0, 1)
    medians = np.median(by_seed, axis=1)  # (S, depths)
    table.add(medians[:, 0].tolist(), "milliseconds per step")
    if len(depths) > 1:
        slopes = [exponent(depths, row) for row in medians]
        table.add(slopes, "exponent, milliseconds per step, in the depth")
    table.add([timing_spread(rounds) for rounds in by_seed], "timing spread")


def _step(single: Ensemble, probe: Probe) -> Callable[[], None]:
    """One forward and backward pass on the nodes of a graph."""
    graph, nodes, labels = probe

    def step() -> None:
        with torch.enable_grad():
            scores = single.trainable()(graph)[0]
            torch.autograd.backward(F.cross_entropy(scores[nodes], labels))

    return step
