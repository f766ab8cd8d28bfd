"""Between mean, max and sum: two families of aggregators with a parameter and a size exponent.

Both reduce messages (E, d) to one row per receiving node, (N, d). At the ends of its parameter's
range an aggregator uses the formula of the limit; nothing is clamped. A node without messages gets
0, with a gradient of 0.
"""

import math

import torch
from torch import Tensor, nn

from inductive.core.errors import InputError


def scatter_sum(messages: Tensor, receiver: Tensor, count: int) -> Tensor:
    """The sum of each node's messages: (E, d), (E,) -> (count, d)."""
    return torch.index_add(messages.new_zeros(count, messages.shape[1]), 0, receiver, messages)


def scatter_max(messages: Tensor, receiver: Tensor, count: int) -> Tensor:
    """The largest of each node's messages, 0 where it has none; ties share the gradient.

    (E, d), (E,) -> (count, d).
    """
    index = receiver[:, None].expand_as(messages)
    zeros = messages.new_zeros(count, messages.shape[1])
    return torch.scatter_reduce(zeros, 0, index, messages, "amax", include_self=False)


class GeneralizedAggregation(nn.Module):
    """|N(v)|^η times a generalised mean, defined by a subclass, of the messages to v.

    η is `exponent`. It and the subclass's parameter are fixed, or trained from their given values
    if `learnable` names them. InputError for a learnable value that is not finite.
    Generalised aggregation: Li et al. 2020, arXiv:2006.07739.
    """

    exponent: Tensor

    def __init__(
        self, exponent: float = 0.0, learnable: tuple[str, ...] = (), **parameters: float
    ) -> None:
        super().__init__()
        for name, value in {"exponent": exponent, **parameters}.items():
            if name in learnable and not math.isfinite(value):
                raise InputError(f"{name}: {value} has no gradient, so it cannot be learnt")
            tensor = torch.tensor(float(value))
            if name in learnable:
                self.register_parameter(name, nn.Parameter(tensor))
            else:
                self.register_buffer(name, tensor, persistent=False)
        self.fixed = {name: float(v) for name, v in parameters.items() if name not in learnable}

    def average(self, messages: Tensor, receiver: Tensor, size: Tensor) -> Tensor:
        """(E, d), (E,), and sizes of at least 1, (N, 1) -> the generalised mean, (N, d)."""
        raise NotImplementedError

    def forward(self, messages: Tensor, receiver: Tensor, count: int) -> Tensor:
        """Messages (E, d) and their receiving nodes (E,) in [0, count) -> (count, d)."""
        size = torch.bincount(receiver, minlength=count).clamp(min=1)[:, None].to(messages.dtype)
        average = self.average(messages, receiver, size)
        if "exponent" in self._buffers and not self.exponent.any():
            return average
        return size**self.exponent * average


class SoftmaxMean(GeneralizedAggregation):
    """|N|^η Σ_u softmax_u(λ m_u) m_u, where λ is `inverse_temperature`.

    λ = 0: mean. λ = ±∞: max, min. λ = 0 and η = 1: sum.
    """

    inverse_temperature: Tensor

    def __init__(
        self,
        inverse_temperature: float = 1.0,
        exponent: float = 0.0,
        learnable: tuple[str, ...] = (),
    ) -> None:
        super().__init__(exponent, learnable, inverse_temperature=inverse_temperature)

    def average(self, messages: Tensor, receiver: Tensor, size: Tensor) -> Tensor:
        """(E, d), (E,), (N, 1) -> (N, d)."""
        fixed = self.fixed.get("inverse_temperature")
        count = len(size)
        if fixed is not None and math.isinf(fixed):
            sign = math.copysign(1.0, fixed)
            return sign * scatter_max(sign * messages, receiver, count)
        if fixed == 0:
            return scatter_sum(messages, receiver, count) / size
        scores = self.inverse_temperature * messages
        largest = scatter_max(scores.detach(), receiver, count)  # a shift that cancels
        weights = (scores - largest[receiver]).exp()
        total = scatter_sum(weights, receiver, count)
        # A node without messages has a total of 0; dividing by 1 gives 0.
        total = total + (total == 0).to(total.dtype)
        return scatter_sum(weights * messages, receiver, count) / total


class PowerMean(GeneralizedAggregation):
    """|N|^η (1/|N| Σ_u m_u^q)^(1/q) of messages of at least 0, where q is `power`.

    q = 1: mean. q = ±∞: max, min. q = 0: geometric mean. Where q <= 0, one message of 0 makes the
    mean 0. InputError for a negative message, for which it is not defined.
    """

    power: Tensor

    def __init__(
        self, power: float = 1.0, exponent: float = 0.0, learnable: tuple[str, ...] = ()
    ) -> None:
        if power == 0 and "power" in learnable:
            raise InputError("power: 0 is a limit without a gradient, not a starting value")
        super().__init__(exponent, learnable, power=power)

    def average(self, messages: Tensor, receiver: Tensor, size: Tensor) -> Tensor:
        """(E, d), (E,), (N, 1) -> (N, d)."""
        count, fixed = len(size), self.fixed.get("power")
        _check_sign(messages)
        if fixed is not None and math.isinf(fixed):
            sign_of_limit = math.copysign(1.0, fixed)
            return sign_of_limit * scatter_max(sign_of_limit * messages, receiver, count)
        if fixed == 1:
            return scatter_sum(messages, receiver, count) / size
        # With logarithms, relative to the node's largest message (smallest, for q < 0), so that no
        # power overflows; expm1 and log1p keep every digit for small q.
        positive = messages > 0
        logs = torch.where(positive, messages, 1.0).log()
        sign = torch.where(self.power.detach() < 0, -1.0, 1.0)
        extreme = sign * scatter_max(sign * _hide(logs, positive, sign), receiver, count).detach()
        centred = torch.where(positive, logs - extreme[receiver], 0.0)
        if fixed == 0:
            log_mean = scatter_sum(centred, receiver, count) / size
        else:
            powers = torch.where(positive, torch.expm1(self.power * centred), -1.0)
            log_mean = torch.log1p(scatter_sum(powers, receiver, count) / size) / self.power
        zeros = scatter_sum((~positive).to(messages.dtype), receiver, count)
        sizes = scatter_sum(torch.ones_like(messages), receiver, count)
        is_zero = (zeros == sizes) | ((zeros > 0) & (self.power.detach() <= 0))
        # Where the mean is 0 its logarithm is -inf, whose gradient must not enter the others.
        return torch.where(is_zero, 0.0, (extreme + torch.where(is_zero, 0.0, log_mean)).exp())


def _hide(logs: Tensor, positive: Tensor, sign: Tensor) -> Tensor:
    """Logarithms in which a message of 0 is never the extreme one."""
    return torch.where(positive, logs, -sign * torch.finfo(logs.dtype).max)


def _check_sign(messages: Tensor) -> None:
    if torch._C._functorch.is_functorch_wrapped_tensor(messages):
        return  # values cannot be read under vmap; a network is checked when it is called alone
    smallest = messages.detach().min() if messages.numel() else torch.zeros(())
    if smallest < 0:
        raise InputError(f"PowerMean: needs messages of at least 0, found {float(smallest):.4g}")


AGGREGATORS = {"softmax": SoftmaxMean, "power": PowerMean}
