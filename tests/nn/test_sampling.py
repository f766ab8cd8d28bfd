"""Sampling of the next token, against a plain loop over sorted tokens."""

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from inductive.core.errors import InputError
from inductive.nn.gpt import GPT
from inductive.nn.gpt_config import GPTConfig
from inductive.nn.sampling import Sampling, continuations


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(0.7),
        Sampling(1.5),
        Sampling(top_k=3),
        Sampling(1.2, top_k=20),
        Sampling(top_p=0.8),
        Sampling(0.8, top_p=0.5),
        Sampling(top_p=1.0),
        Sampling(0.0),
    ],
)
def test_one_step_is_drawn_from_the_filtered_softmax(sampling: Sampling) -> None:
    """By a chi-square test of 20,000 draws."""
    torch.manual_seed(0)
    model = GPT(GPTConfig(vocabulary=11, layers=2, heads=2, width=16, block=12, longest=48))
    for parameter in model.requires_grad_(False).parameters():
        if parameter.ndim == 2:
            parameter.mul_(8)  # sharper predictions
    prompt = torch.randint(11, (1, 6), generator=torch.Generator().manual_seed(3))
    logits = model(prompt)[0, -1].double().numpy()
    expected = _filtered(logits, sampling)
    torch.testing.assert_close(
        sampling.probabilities(torch.from_numpy(logits)), torch.from_numpy(expected)
    )
    generator = torch.Generator().manual_seed(0)
    token, entropy = next(continuations(model, prompt.expand(20000, -1), sampling, generator))
    counts = np.bincount(token.numpy(), minlength=11)
    assert (counts[expected == 0] == 0).all()
    kept = expected > 0
    if kept.sum() > 1:
        expected_counts = expected[kept] / expected[kept].sum() * counts.sum()
        assert chisquare(counts[kept], expected_counts).pvalue > 1e-3
    plain = _filtered(logits, Sampling())
    assert float(entropy[0]) == pytest.approx(-(plain * np.log2(plain)).sum(), rel=1e-4)


def _filtered(logits: np.ndarray, sampling: Sampling) -> np.ndarray:
    order = sorted(range(len(logits)), key=lambda i: -logits[i])
    if sampling.temperature == 0:
        return np.eye(len(logits))[order[0]]
    weights = np.exp((logits - logits.max()) / sampling.temperature)
    weights = weights / weights.sum()
    kept, total = [], 0.0
    for i in order[: sampling.top_k]:
        if sampling.top_p is not None and total >= sampling.top_p:
            break
        kept.append(i)
        total += weights[i]
    filtered = np.zeros(len(logits))
    filtered[kept] = weights[kept] / total
    return filtered


@pytest.mark.parametrize(
    ("sampling", "message"),
    [
        (Sampling(-0.1), "temperature: expected 0 .* found -0.1"),
        (Sampling(top_p=0.0), "top-p: expected more than 0 and at most 1, found 0"),
        (Sampling(top_p=1.01), "top-p: .* found 1.01"),
        (Sampling(top_k=0), "top-k: expected 1 or more, found 0"),
        (Sampling(top_k=3, top_p=0.5), "top-k and top-p: give one of them"),
    ],
)
def test_values_out_of_range_are_refused(sampling: Sampling, message: str) -> None:
    with pytest.raises(InputError, match=message):
        sampling.check()
