"""Ensembles: S networks of one architecture, one per seed, with their tensors stacked."""

import warnings
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state

from inductive.training.random_streams import initialisation

Parameters = dict[str, Tensor]
"""Name in the module -> stacked tensor (S, ...)."""


class Ensemble:
    """S networks that are called as one. `parameters` and `buffers` map a name to (S, ...).

    A single network is called directly, several through vmap (or, without gradients on a CPU, one
    after another); all give the same numbers up to rounding. Optimisers that work element by
    element (Adam, Adadelta, SGD) treat the stacked tensors as S separate networks.

    Only persistent buffers are stacked, which a network may change in place (the running
    statistics of BatchNorm). Buffers with `persistent=False` are constants that all seeds share.
    """

    def __init__(
        self,
        module: nn.Module,
        parameters: Parameters,
        seeds: Sequence[int],
        buffers: Parameters | None = None,
    ) -> None:
        self.module = module
        self.parameters = parameters
        self.buffers = buffers or {}
        self.seeds = tuple(seeds)

    @classmethod
    def initialise(
        cls, build: Callable[[], nn.Module], seeds: Sequence[int], device: torch.device
    ) -> "Ensemble":
        """New networks, each initialised from its own seed.

        Raises ValueError where a buffer with `persistent=False` differs between seeds.
        """
        modules = []
        for seed in seeds:
            with initialisation(seed):
                modules.append(build())
        parameters, buffers = stack_module_state(modules)
        persistent = modules[0].state_dict().keys()
        for name, stacked in buffers.items():
            if name not in persistent and not torch.equal(stacked, stacked[:1].expand_as(stacked)):
                raise ValueError(f"buffer '{name}' differs between seeds, so it must be persistent")
        on_device = {
            name: p.detach().to(device).requires_grad_(p.requires_grad)
            for name, p in parameters.items()
        }
        kept = {name: b.to(device) for name, b in buffers.items() if name in persistent}
        return cls(modules[0].to(device), on_device, seeds, kept)

    @classmethod
    def from_state(cls, module: nn.Module, state: Parameters, seeds: Sequence[int]) -> "Ensemble":
        """Trained networks from `state`, on its device; `module` is put into evaluation mode."""
        names = {name for name, _ in module.named_parameters()}
        parameters = {name: tensor for name, tensor in state.items() if name in names}
        buffers = {name: tensor for name, tensor in state.items() if name not in names}
        return cls(module.eval(), parameters, seeds, buffers)

    @property
    def count(self) -> int:
        """S."""
        return len(self.seeds)

    @property
    def state(self) -> Parameters:
        """Parameters and buffers: all that distinguishes the networks from new ones."""
        return self.parameters | self.buffers

    def select(self, i: int) -> "Ensemble":
        """The i-th network alone, as S = 1. It shares memory with this ensemble."""
        parameters = {name: stacked[i : i + 1] for name, stacked in self.parameters.items()}
        buffers = {name: stacked[i : i + 1] for name, stacked in self.buffers.items()}
        return Ensemble(self.module, parameters, self.seeds[i : i + 1], buffers)

    def trainable(self) -> "Ensemble":
        """A copy whose parameters are leaves that accumulate gradients."""
        copies = {name: p.detach().clone().requires_grad_() for name, p in self.parameters.items()}
        buffers = {name: b.clone() for name, b in self.buffers.items()}
        return Ensemble(self.module, copies, self.seeds, buffers)

    def to_module(self) -> nn.Module:
        """A copy of a single network as an ordinary module, in evaluation mode, without gradients.

        Expects S = 1.
        """
        assert self.count == 1
        module = deepcopy(self.module).requires_grad_(False)
        module.load_state_dict({name: stacked[0] for name, stacked in self.state.items()})
        return module.eval()

    def inspect(self, x: Any, method: str) -> Any:
        """What `method` of a single network (S = 1) returns for `x`, of any type."""
        assert self.count == 1
        return functional_call(_Method(self.module, method), self._single_state(), (x,))

    def __call__(
        self,
        x: Any,
        masks: dict[str, Tensor] | None = None,
        *,
        stacked: bool = False,
        method: str = "forward",
    ) -> Tensor:
        """(S, ...): what `method` of every network returns for `x`.

        `x` is shared by all networks, or (S, ...) with one entry per network where `stacked`.
        `masks` (name -> (S, ...)) are always stacked.
        """
        call = _Method(self.module, method)
        optional = () if masks is None else (masks,)
        if self.count == 1:
            first = tuple({k: v[0] for k, v in m.items()} for m in optional)
            inputs = (x[0] if stacked else x, *first)
            output: Tensor = functional_call(call, self._single_state(), inputs)
            return output.unsqueeze(0)
        if not torch.is_grad_enabled() and next(iter(self.parameters.values())).is_cpu:
            return self._one_by_one(x, masks, stacked=stacked, method=method)

        def one(state: Parameters, x: Any, *masks: dict[str, Tensor]) -> Tensor:
            output: Tensor = functional_call(call, state, (x, *masks))
            return output

        state = {f"module.{name}": tensor for name, tensor in self.state.items()}
        dims = (0, 0 if stacked else None, *(0 for _ in optional))
        with warnings.catch_warnings():
            # Where vmap has no rule for an operation it calls it once per network, which is as
            # fast as a loop.
            warnings.filterwarnings("ignore", message="There is a performance drop")
            return torch.vmap(one, dims)(state, x, *optional)

    def _single_state(self) -> Parameters:
        return {f"module.{name}": stacked[0] for name, stacked in self.state.items()}

    def _one_by_one(
        self, x: Any, masks: dict[str, Tensor] | None, *, stacked: bool, method: str
    ) -> Tensor:
        """Equal to vmap: on a CPU a loop is faster, and needs less memory."""
        rows = []
        for i in range(self.count):
            own_masks = None if masks is None else {k: m[i : i + 1] for k, m in masks.items()}
            own_x = x[i : i + 1] if stacked else x
            rows.append(self.select(i)(own_x, own_masks, stacked=stacked, method=method))
        return torch.cat(rows)


class _Method(nn.Module):
    """Makes any method of a module the `forward` that `functional_call` calls."""

    def __init__(self, module: nn.Module, method: str) -> None:
        super().__init__()
        self.module = module
        self.method = method

    def forward(self, *inputs: Any) -> Any:
        return getattr(self.module, self.method)(*inputs)
