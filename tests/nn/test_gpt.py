"""The GPT: causality, the cache, the size of MLPs, dropout, invalid configurations."""

import pytest
import torch

from inductive.core.errors import InputError
from inductive.nn.gpt import GPT, KVCache
from inductive.nn.gpt_config import POSITIONS, GPTConfig, check
from inductive.nn.sampling import Sampling, continue_text

PAIRS = [(p, "fused") for p in POSITIONS] + [("rope", "naive"), ("rope", "window")]
PAIRS += [("none", "linear"), ("learned", "linear"), ("none", "window")]


def sharp_gpt(positions: str = "rope", attention: str = "fused") -> GPT:
    """A network whose weights are large enough to make its predictions sharp."""
    torch.manual_seed(0)
    config = GPTConfig(
        vocabulary=11,
        layers=2,
        heads=2,
        width=16,
        block=12,
        longest=48,
        positions=positions,
        attention=attention,
        window=5,
    )
    model = GPT(config)
    for parameter in model.parameters():
        if parameter.ndim == 2:
            parameter.data.mul_(8)
    return model.requires_grad_(False)


@pytest.mark.parametrize(("positions", "attention"), PAIRS)
def test_no_output_depends_on_later_tokens(positions: str, attention: str) -> None:
    model, tokens = sharp_gpt(positions, attention), torch.randint(11, (2, 12))
    changed = tokens.clone()
    changed[:, 7] = (changed[:, 7] + 1) % 11
    before, after = model(tokens), model(changed)
    torch.testing.assert_close(before[:, :7], after[:, :7])
    assert not torch.allclose(before[:, 7:], after[:, 7:])


@pytest.mark.parametrize(("positions", "attention"), PAIRS)
def test_a_cache_does_not_change_the_output(positions: str, attention: str) -> None:
    model, tokens = sharp_gpt(positions, attention), torch.randint(11, (3, 12))
    cache = KVCache(12)
    parts = [model(part, cache=cache) for part in tokens.split([5, 1, 4, 2], dim=1)]
    torch.testing.assert_close(torch.cat(parts, 1), model(tokens), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("positions", "attention"), PAIRS)
def test_generation_with_and_without_a_cache_is_equal(positions: str, attention: str) -> None:
    """Also far beyond the block, where the context is shortened."""
    model, prompt = sharp_gpt(positions, attention), torch.randint(11, (3, 20))

    def text(cached: bool) -> torch.Tensor:
        generator = torch.Generator().manual_seed(7)
        return continue_text(model, prompt, 40, Sampling(), generator, cached=cached)[0]

    assert torch.equal(text(cached=True), text(cached=False))
    assert torch.equal(text(cached=True), text(cached=True))


def test_deep_and_wide_mlps_are_equally_large() -> None:
    sizes = []
    for depth in (1, 2, 4):
        model = GPT(GPTConfig(11, 2, 2, 64, 12, 12, mlp_layers=depth))
        sizes.append(sum(p.numel() for p in model.parameters()))
    assert max(sizes) / min(sizes) < 1.02


def test_every_dropout_mask_has_an_effect() -> None:
    model, tokens = sharp_gpt(), torch.randint(11, (2, 12))
    shapes = model.config.mask_shapes(2, 12)
    ones = {site: torch.ones(shape) for site, shape in shapes.items()}
    torch.testing.assert_close(model(tokens, ones), model(tokens))
    for site in shapes:
        masked = model(tokens, ones | {site: torch.zeros(shapes[site])})
        assert not torch.allclose(masked, model(tokens)), site


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"heads": 3}, "width of 8 cannot be divided among 3 heads"),
        ({"positions": "ropes"}, "did you mean 'rope'"),
        ({"attention": "flash"}, "unknown attention 'flash'"),
        ({"heads": 8}, "even head width; 8 / 8 = 1"),
        ({"attention": "linear"}, "rope encodes no relative position in linear attention"),
        ({"attention": "linear", "positions": "alibi"}, "no scores to which alibi could add"),
        ({"attention": "window", "window": 0}, "window: expected 1 token or more, found 0"),
    ],
)
def test_inconsistent_configurations_are_refused(change: dict[str, object], message: str) -> None:
    good = {"width": 8, "heads": 2, "positions": "rope", "attention": "fused", "window": 4}
    check(good)
    with pytest.raises(InputError, match=message):
        check(good | change)


def test_a_config_is_checked_when_it_is_made() -> None:
    with pytest.raises(InputError, match="width of 8 cannot be divided among 3 heads"):
        GPTConfig(vocabulary=11, layers=2, heads=3, width=8, block=12, longest=12)
