"""S networks of one architecture, one a seed, their parameters stacked."""

import warnings
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from inductive.training.randomness import initialisation

Parameters = dict[str, Tensor]

# Where vmap has no rule for an operation it calls it once a member, which is as fast as one member
# after another; that is nothing to warn of.
warnings.filterwarnings("ignore", message="There is a performance drop")


class Members:
    """S networks that are called as one. `parameters` maps a name to a tensor (S, ...).

    A single member is called directly, several through vmap (or, without gradients on a CPU, in
    turn); all give the same numbers up to rounding. Optimisers that work element by element (Adam,
    Adadelta, SGD) treat the stacked tensors as S separate networks.
    """

    def __init__(self, module: nn.Module, parameters: Parameters, seeds: Sequence[int]) -> None:
        self.module = module
        self.parameters = parameters
        self.seeds = tuple(seeds)

    @classmethod
    def initialise(
        cls, build: Callable[[], nn.Module], seeds: Sequence[int], device: torch.device
    ) -> "Members":
        """New networks, each initialised from its own seed."""
        modules = []
        for seed in seeds:
            with initialisation(seed):
                modules.append(build())
        names = [name for name, _ in modules[0].named_parameters()]
        parameters = {
            name: torch.stack([m.get_parameter(name).detach() for m in modules])
            .to(device)
            .requires_grad_()
            for name in names
        }
        return cls(modules[0].to(device), parameters, seeds)

    @property
    def count(self) -> int:
        """S."""
        return len(self.seeds)

    def member(self, i: int) -> "Members":
        """Member i alone, as S = 1."""
        alone = {name: stacked[i : i + 1] for name, stacked in self.parameters.items()}
        return Members(self.module, alone, self.seeds[i : i + 1])

    def trainable(self) -> "Members":
        """The same weights in tensors of their own, which gather gradients."""
        copies = {name: p.detach().clone().requires_grad_() for name, p in self.parameters.items()}
        return Members(self.module, copies, self.seeds)

    def module_of(self) -> nn.Module:
        """A single member as a module of its own, without gradients."""
        assert self.count == 1
        module = deepcopy(self.module).requires_grad_(False)
        module.load_state_dict({name: p[0] for name, p in self.parameters.items()})
        return module

    def inspect(self, x: Any, method: str) -> Any:
        """What `method` of a single member gives, whatever it is."""
        assert self.count == 1
        alone = {f"module.{name}": p[0] for name, p in self.parameters.items()}
        return functional_call(_Method(self.module, method), alone, (x,))

    def __call__(
        self,
        x: Any,
        masks: dict[str, Tensor] | None = None,
        *,
        stacked: bool = False,
        method: str = "forward",
    ) -> Tensor:
        """(S, ...): what `method` of every member gives for `x`.

        `x` is shared by all members, or (S, ...) with one entry a member where `stacked`. `masks`
        are always stacked.
        """
        call = _Method(self.module, method)
        optional = () if masks is None else (masks,)
        if self.count == 1:
            alone = {f"module.{name}": p[0] for name, p in self.parameters.items()}
            first = tuple({k: v[0] for k, v in m.items()} for m in optional)
            return functional_call(call, alone, (x[0] if stacked else x, *first)).unsqueeze(0)
        if not torch.is_grad_enabled() and next(iter(self.parameters.values())).is_cpu:
            return self._one_by_one(x, masks, stacked=stacked, method=method)

        def one(parameters: Parameters, x: Any, *masks: dict[str, Tensor]) -> Tensor:
            return functional_call(call, parameters, (x, *masks))

        stacks = {f"module.{name}": p for name, p in self.parameters.items()}
        dims = (0, 0 if stacked else None, *(0 for _ in optional))
        return torch.vmap(one, dims)(stacks, x, *optional)

    def _one_by_one(
        self, x: Any, masks: dict[str, Tensor] | None, *, stacked: bool, method: str
    ) -> Tensor:
        """What vmap would give: on a CPU a loop is faster, and needs less memory."""
        rows = []
        for i in range(self.count):
            own = None if masks is None else {k: m[i : i + 1] for k, m in masks.items()}
            one = x[i : i + 1] if stacked else x
            rows.append(self.member(i)(one, own, stacked=stacked, method=method))
        return torch.cat(rows)


class _Method(nn.Module):
    """Any method of a module as a `forward`, the one that `functional_call` can call."""

    def __init__(self, module: nn.Module, method: str) -> None:
        super().__init__()
        self.module = module
        self.method = method

    def forward(self, *inputs: Any) -> Any:
        return getattr(self.module, self.method)(*inputs)
