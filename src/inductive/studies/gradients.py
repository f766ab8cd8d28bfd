"""When do gradients vanish or explode? Bounds, and the points that they bound.

Chains of ReLU units with weights, and a sigmoid recurrent network whose weight matrix has a largest
singular value of 1/4. Nothing is trained.
"""

from typing import TYPE_CHECKING, Any

from inductive.run import Run
from inductive.studies.untrained import Found, measured, part_runs

if TYPE_CHECKING:
    import numpy as np
    import torch

    from inductive.training.tidy import Tidy

TITLE = "Gradients"
QUESTION = "When do gradients vanish or explode?"
PROTOCOL = (
    "Scalar chains of ReLU units, with unit weights and with random ones, and a recurrent network "
    "x ← sigmoid(W x): derivatives in double precision, beside the bounds that a course derives."
)


def runs(params: dict[str, Any]) -> list[Run]:
    """The chains, and the recurrent network."""
    return part_runs(__name__, params["gradients"], ("chains", "recurrent"))


def verify(run: Run, device: "torch.device") -> "Tidy":
    """Largest derivatives and their bounds, by depth or by steps."""
    return measured(run, _chains if run.labels["part"] == "chains" else _recurrent)


def chain_derivative(x: "np.ndarray", weights: "np.ndarray", biases: "np.ndarray") -> "np.ndarray":
    """f'(x) of x ← ReLU(w_i x + b_i), i = 1 … depth, at points x (n,), by the chain rule."""
    import numpy as np

    derivative = np.ones_like(x)
    for w, b in zip(weights, biases, strict=True):
        before = w * x + b
        derivative = derivative * w * (before > 0)
        x = np.maximum(before, 0)
    return derivative


def _chains(seed: int, depths: list[int], scales: list[float], points: int) -> Found:
    import numpy as np

    from inductive.training.randomness import numpy_generator

    rng = numpy_generator("chains", seed)
    found: Found = {}
    for depth in depths:
        x, biases = rng.normal(size=points), 0.1 * rng.normal(size=depth)
        slopes = np.abs(chain_derivative(x, np.ones(depth), biases))
        found["largest |f'|, unit weights", "depth", depth] = float(slopes.max())
        found["bound, unit weights", "depth", depth] = 1.0
        found["share of inputs without gradient, unit weights", "depth", depth] = float(
            (slopes == 0).mean()
        )
        for scale in scales:
            weights = scale * rng.lognormal(0.0, 0.05, depth)
            slopes = np.abs(chain_derivative(x, weights, np.abs(biases)))
            bound = np.prod(np.abs(weights))
            # As powers of ten, so that margins mean the same at every depth.
            found[f"log10 of the largest |f'|, weights about {scale:g}", "depth", depth] = float(
                np.log10(slopes.max())
            )
            found[f"log10 of the bound, weights about {scale:g}", "depth", depth] = float(
                np.log10(bound)
            )
    return found


def jacobian(weight: "np.ndarray", x: "np.ndarray", steps: int) -> "np.ndarray":
    """d x_steps / d x_1 of x ← sigmoid(W x), (d, d), from x_1 = x (d,)."""
    import numpy as np

    total = np.eye(len(x))
    for _ in range(steps - 1):
        x = 1 / (1 + np.exp(-weight @ x))
        total = (x * (1 - x))[:, None] * weight @ total
    return total


def _recurrent(
    seed: int, widths: list[int], steps: list[int], largest: float, starts: int
) -> Found:
    import numpy as np

    from inductive.training.randomness import numpy_generator

    rng = numpy_generator("recurrent", seed)
    found: Found = {}
    for width in widths:
        weight = rng.normal(size=(width, width))
        weight *= largest / np.linalg.norm(weight, 2)
        inputs = rng.normal(size=(starts, width))
        for n in steps:
            sizes = [np.linalg.norm(jacobian(weight, x, n), 2) for x in inputs]
            at = f"width {width}"
            found[f"log10 σ_max of the Jacobian, {at}", "n", n] = float(np.log10(max(sizes)))
            found["log10 of the bound", "n", n] = float((n - 1) * np.log10(largest / 4))
    return found
