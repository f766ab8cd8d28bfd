"""Derivatives of ReLU chains and of a recurrent sigmoid network, and their bounds."""

from collections.abc import Callable

import numpy as np
import torch

from inductive.core.run import Run
from inductive.core.seeding import numpy_generator
from inductive.studies.shared.analytic import Measures, measured
from inductive.training.measurements import MeasurementTable


def measure(run: Run, device: torch.device) -> MeasurementTable:
    """Largest derivatives and their bounds, by depth or by number of steps."""
    return measured(run, MEASURES[str(run.labels["part"])])


def chain_derivative(x: np.ndarray, weights: np.ndarray, biases: np.ndarray) -> np.ndarray:
    """f'(x) of x ← ReLU(w_i x + b_i), i = 1 … depth, at points x (n,), by the chain rule."""
    derivative = np.ones_like(x)
    for w, b in zip(weights, biases, strict=True):
        preactivation = w * x + b
        derivative = derivative * w * (preactivation > 0)
        x = np.maximum(preactivation, 0)
    return derivative


def _chains(seed: int, depths: list[int], scales: list[float], points: int) -> Measures:
    rng = numpy_generator("chains", seed)
    measures = Measures()
    for depth in depths:
        x, biases = rng.normal(size=points), 0.1 * rng.normal(size=depth)
        slopes = np.abs(chain_derivative(x, np.ones(depth), biases))
        measures.add("largest |f'|, unit weights", slopes.max(), depth=depth)
        measures.add("bound, unit weights", 1.0, depth=depth)
        dead = (slopes == 0).mean()
        measures.add("share of inputs without gradient, unit weights", dead, depth=depth)
        for scale in scales:
            weights = scale * rng.lognormal(0.0, 0.05, depth)
            slopes = np.abs(chain_derivative(x, weights, np.abs(biases)))
            bound = np.prod(np.abs(weights))
            # Logarithms, so that a margin has the same meaning at every depth.
            at = {"depth": depth, "scale": scale}
            measures.add("log10 of the largest |f'|", np.log10(slopes.max()), **at)
            measures.add("log10 of the bound", np.log10(bound), **at)
    return measures


def jacobian(weight: np.ndarray, x: np.ndarray, steps: int) -> np.ndarray:
    """d x_steps / d x_1 of x ← sigmoid(W x), (d, d), from x_1 = x (d,)."""
    total = np.eye(len(x))
    for _ in range(steps - 1):
        x = 1 / (1 + np.exp(-weight @ x))
        total = (x * (1 - x))[:, None] * weight @ total
    return total


def _recurrent(
    seed: int, widths: list[int], steps: list[int], largest: float, starts: int
) -> Measures:
    rng = numpy_generator("recurrent", seed)
    measures = Measures()
    for width in widths:
        weight = rng.normal(size=(width, width))
        weight *= largest / np.linalg.norm(weight, 2)
        inputs = rng.normal(size=(starts, width))
        for n in steps:
            sizes = [np.linalg.norm(jacobian(weight, x, n), 2) for x in inputs]
            log_size = np.log10(max(sizes))
            measures.add("log10 σ_max of the Jacobian", log_size, width=width, steps=n)
    for n in steps:
        measures.add("log10 of the bound", (n - 1) * np.log10(largest / 4), steps=n)
    return measures


MEASURES: dict[str, Callable[..., Measures]] = {"chains": _chains, "recurrent": _recurrent}
