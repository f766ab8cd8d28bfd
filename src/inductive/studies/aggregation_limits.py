"""What the two families of aggregators become at the ends of their parameters, measured."""

import math

import torch
from torch import Tensor

from inductive.nn.aggregation import PowerMean, SoftmaxMean
from inductive.studies.untrained import Found
from inductive.training.randomness import seed_for


def measure(seed: int, nodes: int, degree: int, width: int, parameters: list[float]) -> Found:
    """(metric, axis, at) -> the largest error over random neighbourhoods, relative to the messages.

    `parameters` are the finite values of λ and q that a limit is approached along. References are
    loops over nodes.
    """
    generator = torch.Generator().manual_seed(seed_for("limits", seed))
    sizes = torch.randint(1, 2 * degree, (nodes,), generator=generator)
    receiver = torch.repeat_interleave(torch.arange(nodes), sizes)
    messages = torch.rand(len(receiver), width, generator=generator, dtype=torch.float64) + 0.1
    groups = messages.split(sizes.tolist())

    def each(aggregate: object) -> Tensor:
        return torch.stack([aggregate(group) for group in groups])  # type: ignore[operator]

    mean, total = each(lambda m: m.mean(0)), each(lambda m: m.sum(0))
    largest, smallest = each(lambda m: m.amax(0)), each(lambda m: m.amin(0))

    def error(module: torch.nn.Module, wanted: Tensor) -> float:
        got = module.double()(messages, receiver, nodes)
        return float(((got - wanted).abs() / wanted).max())

    found: Found = {}
    for value in [*parameters, math.inf]:
        found["softmax - max", "λ", value] = error(SoftmaxMean(value), largest)
        found["softmax - min", "λ", -value] = error(SoftmaxMean(-value), smallest)
        found["power mean - max", "q", value] = error(PowerMean(value), largest)
        found["power mean - min", "q", -value] = error(PowerMean(-value), smallest)
    for value in [0.0, *(1 / p for p in parameters)]:
        found["softmax - mean", "λ", value] = error(SoftmaxMean(value), mean)
        if value:  # at 0 it has no value
            log_sum = each(lambda m, v=value: torch.logsumexp(v * m, 0) / v)
            found["log-sum-exp - mean", "λ", value] = float((log_sum - mean).abs().max())
    geometric = each(lambda m: m.log().mean(0).exp())
    found["power mean at 0 - geometric mean", "", ""] = error(PowerMean(0.0), geometric)
    found["power mean at 1 - mean", "", ""] = error(PowerMean(1.0), mean)
    for step in parameters:  # close to 1 the general formula is used, at 1 the mean's own
        for q in (1 - 1 / step, 1 + 1 / step):
            if q > 0:
                found["power mean - mean", "q", q] = error(PowerMean(q), mean)
    found["size to the 1 times mean - sum", "", ""] = error(SoftmaxMean(0.0, exponent=1.0), total)
    found["gradient of log-sum-exp - softmax", "", ""] = _gradient_error(groups)
    return found


def _gradient_error(groups: tuple[Tensor, ...]) -> float:
    worst = 0.0
    for group in groups:
        for value in (0.5, 2.0, 20.0):
            with torch.enable_grad():
                x = group.clone().requires_grad_()
                (torch.logsumexp(value * x, 0) / value).sum().backward()
            assert x.grad is not None
            worst = max(worst, float((x.grad - (value * group).softmax(0)).abs().max()))
    return worst
