"""Between mean, max and sum: two families of aggregators with a parameter and a size exponent.

Both turn messages (E, d) with a receiving node each into (N, d). At the ends of its parameter an
aggregator uses the limit's own formula; nothing is clamped. A node without messages gets 0, and so
does every gradient that would come from it.
"""

import math

import torch
from torch import Tensor, nn

from inductive.errors import InputError


def scatter_sum(messages: Tensor, receiver: Tensor, count: int) -> Tensor:
    """(E, d), (E,) -> (count, d)."""
    return torch.index_add(messages.new_zeros(count, messages.shape[1]), 0, receiver, messages)


def scatter_max(messages: Tensor, receiver: Tensor, count: int) -> Tensor:
    """The largest message of each node, 0 where there is none; ties share the gradient."""
    place = receiver[:, None].expand_as(messages)
    zeros = messages.new_zeros(count, messages.shape[1])
    return torch.scatter_reduce(zeros, 0, place, messages, "amax", include_self=False)


class Aggregator(nn.Module):
    """|N(v)|^η times an average of the messages to v that a subclass defines.

    `exponent` and the subclass's parameter are numbers, or learnt from there on where `learnable`
    names them.
    """

    exponent: Tensor

    def __init__(
        self, exponent: float = 0.0, learnable: tuple[str, ...] = (), **own: float
    ) -> None:
        super().__init__()
        for name, value in {"exponent": exponent, **own}.items():
            if name in learnable and not math.isfinite(value):
                raise InputError(f"{name}: {value} has no gradient, so it cannot be learnt")
            tensor = torch.tensor(float(value))
            if name in learnable:
                self.register_parameter(name, nn.Parameter(tensor))
            else:
                self.register_buffer(name, tensor, persistent=False)
        self.fixed = {name: float(v) for name, v in own.items() if name not in learnable}

    def average(self, messages: Tensor, receiver: Tensor, size: Tensor) -> Tensor:
        """(E, d), (E,), (N, 1) sizes of at least 1 -> (N, d)."""
        raise NotImplementedError

    def forward(self, messages: Tensor, receiver: Tensor, count: int) -> Tensor:
        """Messages (E, d) and their receiving nodes (E,) in [0, count) -> (count, d)."""
        size = torch.bincount(receiver, minlength=count).clamp(min=1)[:, None].to(messages.dtype)
        average = self.average(messages, receiver, size)
        if "exponent" in self._buffers and not self.exponent.any():
            return average
        return size**self.exponent * average


class SoftmaxMean(Aggregator):
    """|N|^η Σ_u softmax_u(λ m_u) m_u.

    λ = 0: mean. λ = ±∞: max, min. λ = 0 and η = 1: sum (Li et al. 2020).
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
        # A node without messages has no weights: 0 / 1 there.
        total = total + (total == 0).to(total.dtype)
        return scatter_sum(weights * messages, receiver, count) / total


class PowerMean(Aggregator):
    """|N|^η (1/|N| Σ_u m_u^q)^(1/q), of messages that are not negative.

    q = 1: mean. q = ±∞: max, min. q = 0: geometric mean. Where q <= 0, one message of 0 makes the
    mean 0. Raises InputError for a negative message, of which it is not defined.
    """

    power: Tensor

    def __init__(
        self, power: float = 1.0, exponent: float = 0.0, learnable: tuple[str, ...] = ()
    ) -> None:
        if power == 0 and "power" in learnable:
            raise InputError("power: 0 is a limit without a gradient, so it cannot be learnt from")
        super().__init__(exponent, learnable, power=power)

    def average(self, messages: Tensor, receiver: Tensor, size: Tensor) -> Tensor:
        count, fixed = len(size), self.fixed.get("power")
        _check_sign(messages)
        if fixed is not None and math.isinf(fixed):
            end = math.copysign(1.0, fixed)
            return end * scatter_max(end * messages, receiver, count)
        if fixed == 1:
            return scatter_sum(messages, receiver, count) / size
        # In logarithms, and against the node's largest (or smallest, for q < 0) message, so that
        # no power overflows; expm1 and log1p keep every digit for small q.
        positive = messages > 0
        logs = torch.where(positive, messages, 1.0).log()
        sign = torch.where(self.power.detach() < 0, -1.0, 1.0)
        edge = sign * scatter_max(sign * _hide(logs, positive, sign), receiver, count).detach()
        centred = torch.where(positive, logs - edge[receiver], 0.0)
        if fixed == 0:
            spread = scatter_sum(centred, receiver, count) / size
        else:
            powers = torch.where(positive, torch.expm1(self.power * centred), -1.0)
            spread = torch.log1p(scatter_sum(powers, receiver, count) / size) / self.power
        zeros = scatter_sum((~positive).to(messages.dtype), receiver, count)
        sizes = scatter_sum(torch.ones_like(messages), receiver, count)
        none = (zeros == sizes) | ((zeros > 0) & (self.power.detach() <= 0))
        # Where the mean is 0 its logarithm is -inf, whose gradient must not reach the others.
        return torch.where(none, 0.0, (edge + torch.where(none, 0.0, spread)).exp())


def _hide(logs: Tensor, positive: Tensor, sign: Tensor) -> Tensor:
    """Messages of 0 take no part in the choice of the edge."""
    return torch.where(positive, logs, -sign * torch.finfo(logs.dtype).max)


def _check_sign(messages: Tensor) -> None:
    if torch._C._functorch.is_functorch_wrapped_tensor(messages):
        return  # a batch of members; each is checked where it runs alone
    least = messages.detach().min() if messages.numel() else torch.zeros(())
    if least < 0:
        raise InputError(f"PowerMean: needs messages of at least 0, found {float(least):.4g}")


AGGREGATORS = {"softmax": SoftmaxMean, "power": PowerMean}
