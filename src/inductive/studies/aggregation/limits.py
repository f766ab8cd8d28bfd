"""The differences of the two families of aggregators from their limits and special cases."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from inductive.core.seeding import seed_for
from inductive.nn.aggregation import GeneralizedAggregation, PowerMean, SoftmaxMean
from inductive.studies.shared.analytic import Measures


def limit_errors(
    seed: int, nodes: int, degree: int, width: int, parameters: list[float]
) -> Measures:
    """The largest error over random neighbourhoods, in double precision and relative to the exact
    value, which a loop over nodes computes. Errors of log-sum-exp and of gradients are absolute.

    A node has 1 to 2 `degree` - 1 messages of `width` entries; `parameters` are the finite values
    of λ and q by which a limit is approached.
    """
    generator = torch.Generator().manual_seed(seed_for("limits", seed))
    sizes = torch.randint(1, 2 * degree, (nodes,), generator=generator)
    receiver = torch.repeat_interleave(torch.arange(nodes), sizes)
    messages = torch.rand(len(receiver), width, generator=generator, dtype=torch.float64) + 0.1
    groups = torch.split(messages, sizes.tolist())

    def by_node(aggregate: Callable[[Tensor], Tensor]) -> Tensor:
        return torch.stack([aggregate(group) for group in groups])

    mean, total = by_node(lambda m: m.mean(0)), by_node(lambda m: m.sum(0))
    largest, smallest = by_node(lambda m: m.amax(0)), by_node(lambda m: m.amin(0))

    def error(module: GeneralizedAggregation, exact: Tensor) -> float:
        aggregated = module.double()(messages, receiver, nodes)
        return float(((aggregated - exact).abs() / exact).max())

    errors = Measures()
    for value in [*parameters, math.inf]:
        errors.add("softmax - max", error(SoftmaxMean(value), largest), inverse_temperature=value)
        errors.add(
            "softmax - min", error(SoftmaxMean(-value), smallest), inverse_temperature=-value
        )
        errors.add("power mean - max", error(PowerMean(value), largest), power=value)
        errors.add("power mean - min", error(PowerMean(-value), smallest), power=-value)
    for value in [0.0, *(1 / p for p in parameters)]:
        errors.add("softmax - mean", error(SoftmaxMean(value), mean), inverse_temperature=value)
        if value:  # log-sum-exp / λ is not defined at 0
            log_sum = by_node(lambda m, v=value: torch.logsumexp(v * m, 0) / v)  # type: ignore[misc]
            difference = float((log_sum - mean).abs().max())
            errors.add("log-sum-exp - mean", difference, inverse_temperature=value)
    geometric = by_node(lambda m: m.log().mean(0).exp())
    errors.add("power mean at 0 - geometric mean", error(PowerMean(0.0), geometric))
    errors.add("power mean at 1 - mean", error(PowerMean(1.0), mean))
    for value in parameters:  # near 1 the general formula is used, at 1 that of the mean
        for power in (1 - 1 / value, 1 + 1 / value):
            if power > 0:
                errors.add("power mean - mean", error(PowerMean(power), mean), power=power)
    errors.add("size to the 1 times mean - sum", error(SoftmaxMean(0.0, exponent=1.0), total))
    errors.add("gradient of log-sum-exp - softmax", _gradient_error(groups))
    return errors


def _gradient_error(groups: tuple[Tensor, ...]) -> float:
    worst = 0.0
    for group in groups:
        for value in (0.5, 2.0, 20.0):
            with torch.enable_grad():
                x = group.clone().requires_grad_()
                torch.autograd.backward((torch.logsumexp(value * x, 0) / value).sum())
            assert x.grad is not None
            worst = max(worst, float((x.grad - (value * group).softmax(0)).abs().max()))
    return worst
