"""Adam and Adadelta over stacked parameters, by torch's own functional forms.

Both work element by element, so S stacked networks are optimised independently. The classes of
`torch.optim` are not used because creating one imports the compiler, which takes longer than many
runs, and because here the state is plain tensors that a checkpoint can hold.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.optim.adadelta import adadelta
from torch.optim.adam import adam

State = dict[str, dict[str, Tensor]]


class Optimizer:
    """Updates parameters in place from their gradients. `state` is name -> quantity -> tensor."""

    def __init__(
        self,
        parameters: dict[str, Tensor],
        quantities: tuple[str, ...],
        update: Callable[[str, Tensor, Tensor, dict[str, Tensor]], None],
        clip: float | None = None,
    ) -> None:
        self.parameters, self.update, self.clip = parameters, update, clip
        self.state: State = {
            name: {"step": torch.zeros(())} | {q: torch.zeros_like(p) for q in quantities}
            for name, p in parameters.items()
        }

    def zero_grad(self) -> None:
        """Delete all gradients."""
        for parameter in self.parameters.values():
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """One update of every parameter that has a gradient."""
        if self.clip is not None:
            self._clip(self.clip)
        for name, parameter in self.parameters.items():
            if parameter.grad is not None:
                self.update(name, parameter, parameter.grad, self.state[name])

    def _clip(self, max_norm: float) -> None:
        """Scale down each network's whole gradient whose norm is above `max_norm`."""
        gradients = [p.grad for p in self.parameters.values() if p.grad is not None]
        squares = torch.stack([g.square().reshape(len(g), -1).sum(1) for g in gradients])
        factor = (max_norm / squares.sum(0).sqrt().clamp(min=1e-6)).clamp(max=1.0)
        for g in gradients:
            g.mul_(factor.view(-1, *[1] * (g.ndim - 1)))


def make_adam(
    parameters: dict[str, Tensor],
    *,
    learning_rate: float | Callable[[int], float],
    weight_decay: dict[str, float],
    betas: tuple[float, float] = (0.9, 0.999),
    decoupled: bool = False,
    clip: float | None = None,
) -> Optimizer:
    """Adam (Kingma and Ba, arXiv:1412.6980), or AdamW (Loshchilov and Hutter, arXiv:1711.05101)
    where `decoupled`.

    `learning_rate` may be a function of the step, counted from 0. `weight_decay` maps a parameter's
    name to its factor, 0 by default: of an L2 penalty, or of decoupled decay where `decoupled`.
    `clip`: the largest norm of one network's gradient, over all its parameters.
    """

    def update(name: str, parameter: Tensor, grad: Tensor, state: dict[str, Tensor]) -> None:
        rate = learning_rate(int(state["step"])) if callable(learning_rate) else learning_rate
        adam(
            [parameter],
            [grad],
            [state["mean"]],
            [state["square"]],
            [],
            [state["step"]],
            foreach=False,
            decoupled_weight_decay=decoupled,
            amsgrad=False,
            beta1=betas[0],
            beta2=betas[1],
            lr=rate,
            weight_decay=weight_decay.get(name, 0.0),
            eps=1e-8,
            maximize=False,
        )

    return Optimizer(parameters, ("mean", "square"), update, clip)


def make_adadelta(
    parameters: dict[str, Tensor],
    *,
    learning_rate: float,
    rho: float,
    eps: float,
    weight_decay: float,
) -> Optimizer:
    """Adadelta (Zeiler, arXiv:1212.5701) with an L2 penalty on every parameter."""

    def update(name: str, parameter: Tensor, grad: Tensor, state: dict[str, Tensor]) -> None:
        adadelta(
            [parameter],
            [grad],
            [state["square"]],
            [state["delta"]],
            [state["step"]],
            foreach=False,
            lr=learning_rate,
            rho=rho,
            eps=eps,
            weight_decay=weight_decay,
            maximize=False,
        )

    return Optimizer(parameters, ("square", "delta"), update)
