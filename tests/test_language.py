"""The GPT, sampling, texts and their grammar, and what is measured on what is written."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from conftest import Project
from inductive.data import tale_twin, text
from inductive.errors import InputError
from inductive.nn.gpt import GPT, Cache, Shape
from inductive.nn.positions import POSITIONS
from inductive.nn.sampling import Sampling, continuations, continue_text
from inductive.studies import language, language_samples
from inductive.studies.language_task import LanguageTask, encode
from inductive.training.members import Members
from inductive.training.optimizers import make_adam
from inductive.training.randomness import Draws

CPU = torch.device("cpu")
BOTH = [(p, "fused") for p in POSITIONS] + [("rope", "naive"), ("rope", "window")]
BOTH += [("none", "linear"), ("learned", "linear"), ("none", "window")]


def _gpt(code: str = "rope", kind: str = "fused", **numbers: int) -> GPT:
    """A network whose weights are large enough to make its predictions sharp."""
    torch.manual_seed(0)
    sizes = {"vocabulary": 11, "layers": 2, "heads": 2, "width": 16, "block": 12, "longest": 48}
    model = GPT(Shape(**(sizes | numbers), positions=code, attention=kind, window=5))
    for parameter in model.parameters():
        if parameter.ndim == 2:
            parameter.data.mul_(8)
    return model.requires_grad_(False)


@pytest.mark.parametrize(("code", "kind"), BOTH)
def test_no_token_sees_a_later_one(code: str, kind: str) -> None:
    model, tokens = _gpt(code, kind), torch.randint(11, (2, 12))
    changed = tokens.clone()
    changed[:, 7] = (changed[:, 7] + 1) % 11
    before, after = model(tokens), model(changed)
    torch.testing.assert_close(before[:, :7], after[:, :7])
    assert not torch.allclose(before[:, 7:], after[:, 7:])


@pytest.mark.parametrize(("code", "kind"), BOTH)
def test_a_cache_changes_nothing(code: str, kind: str) -> None:
    model, tokens = _gpt(code, kind), torch.randint(11, (3, 12))
    cache = Cache(12)
    parts = [model(part, cache=cache) for part in tokens.split([5, 1, 4, 2], dim=1)]
    torch.testing.assert_close(torch.cat(parts, 1), model(tokens), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("code", "kind"), BOTH)
def test_generation_with_a_cache_is_generation_without(code: str, kind: str) -> None:
    """Far beyond the block, too, where the context is cut."""
    model, prompt = _gpt(code, kind), torch.randint(11, (3, 20))

    def text(cached: bool) -> torch.Tensor:
        generator = torch.Generator().manual_seed(7)
        return continue_text(model, prompt, 40, Sampling(), generator, cached=cached)[0]

    assert torch.equal(text(cached=True), text(cached=False))
    assert torch.equal(text(cached=True), text(cached=True))


def test_deep_and_wide_mlps_are_equally_large() -> None:
    sizes = []
    for depth in (1, 2, 4):
        model = GPT(Shape(11, 2, 2, 64, 12, 12, mlp_layers=depth))
        sizes.append(sum(p.numel() for p in model.parameters()))
    assert max(sizes) / min(sizes) < 1.02


def test_dropout_masks_act_everywhere() -> None:
    model, tokens = _gpt(), torch.randint(11, (2, 12))
    shapes = model.shape.masks(2, 12)
    ones = {site: torch.ones(shape) for site, shape in shapes.items()}
    torch.testing.assert_close(model(tokens, ones), model(tokens))
    for site in shapes:
        masked = model(tokens, ones | {site: torch.zeros(shapes[site])})
        assert not torch.allclose(masked, model(tokens)), site


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
    """Against a plain loop over sorted tokens, by a chi-square test of 20,000 draws."""
    model, prompt = _gpt(), torch.randint(11, (1, 6), generator=torch.Generator().manual_seed(3))
    logits = model(prompt)[0, -1].double().numpy()
    wanted = _filtered(logits, sampling)
    torch.testing.assert_close(
        sampling.probabilities(torch.from_numpy(logits)), torch.from_numpy(wanted)
    )
    generator = torch.Generator().manual_seed(0)
    token, entropy = next(continuations(model, prompt.expand(20000, -1), sampling, generator))
    counts = np.bincount(token.numpy(), minlength=11)
    assert (counts[wanted == 0] == 0).all()
    kept = wanted > 0
    if kept.sum() > 1:
        expected = wanted[kept] / wanted[kept].sum() * counts.sum()
        assert chisquare(counts[kept], expected).pvalue > 1e-3
    plain = _filtered(logits, Sampling())
    assert float(entropy[0]) == pytest.approx(-(plain * np.log2(plain)).sum(), rel=1e-4)


def _filtered(logits: np.ndarray, how: Sampling) -> np.ndarray:
    order = sorted(range(len(logits)), key=lambda i: -logits[i])
    if how.temperature == 0:
        return np.eye(len(logits))[order[0]]
    weights = np.exp((logits - logits.max()) / how.temperature)
    weights = weights / weights.sum()
    kept, total = [], 0.0
    for i in order[: how.top_k]:
        if how.top_p is not None and total >= how.top_p:
            break
        kept.append(i)
        total += weights[i]
    found = np.zeros(len(logits))
    found[kept] = weights[kept] / total
    return found


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (Sampling(-0.1), "temperature: expected 0 .* found -0.1"),
        (Sampling(top_p=0.0), "top-p: expected more than 0 and at most 1, found 0"),
        (Sampling(top_p=1.01), "top-p: .* found 1.01"),
        (Sampling(top_k=0), "top-k: expected 1 or more, found 0"),
        (Sampling(top_k=3, top_p=0.5), "top-k and top-p: give one of them"),
    ],
)
def test_sampling_that_cannot_be_meant(how: Sampling, message: str) -> None:
    with pytest.raises(InputError, match=message):
        how.check()


def test_adamw_is_torchs_with_clipping() -> None:
    torch.manual_seed(0)
    ours = {"w": torch.randn(2, 3, 4), "b": torch.randn(2, 4)}
    theirs = [{k: v[i].clone().requires_grad_() for k, v in ours.items()} for i in range(2)]
    for p in ours.values():
        p.requires_grad_()
    rates = [0.01, 0.03, 0.02]
    optimizer = make_adam(
        ours,
        learning_rate=lambda step: rates[step],
        betas=(0.9, 0.95),
        weight_decay={"w": 0.1},
        decoupled=True,
        clip=0.5,
    )
    stock = [
        torch.optim.AdamW(
            [{"params": [t["w"]], "weight_decay": 0.1}, {"params": [t["b"]], "weight_decay": 0.0}],
            betas=(0.9, 0.95),
        )
        for t in theirs
    ]
    scale = torch.tensor([0.01, 5.0])  # one member is clipped, one is not
    for rate in rates:
        gradients = {
            k: torch.randn_like(v) * scale.view(-1, *[1] * (v.ndim - 1)) for k, v in ours.items()
        }
        for k, v in ours.items():
            v.grad = gradients[k].clone()
        optimizer.step()
        for i, (member, other) in enumerate(zip(theirs, stock, strict=True)):
            for k, v in member.items():
                v.grad = gradients[k][i].clone()
            torch.nn.utils.clip_grad_norm_(member.values(), 0.5)
            for group in other.param_groups:
                group["lr"] = rate
            other.step()
    for i, k in itertools.product(range(2), ours):
        torch.testing.assert_close(ours[k][i], theirs[i][k])


# The study


def _task(params: dict[str, Any], name: str = "rope-8") -> LanguageTask:
    run = next(r for r in language.runs(params) if r.variant == name)
    arrays, _ = tale_twin.generate(run.data.settings)
    raw = arrays["characters"].tobytes().decode()
    return language.task(run, text.Text(raw, arrays["ends"], arrays["bits"]), CPU)


def test_course_trains_on_all_and_clean_holds_out(params: dict[str, Any]) -> None:
    course, clean = _task(params, "course"), _task(params)
    assert course.judged == "train"
    assert set(course.text) == {"train"}
    whole = clean.text["train"] + clean.text["validation"]
    assert len(clean.text["validation"]) == pytest.approx(0.1 * len(whole), abs=1)
    assert clean.floor is not None
    assert 0.3 < clean.floor < 1.5


def test_losses_by_place_are_a_plain_loops(params: dict[str, Any]) -> None:
    task = _task(params)
    members = Members.initialise(task.build, [0, 1], CPU)
    starts = np.array([3, 40])
    with torch.no_grad():
        losses, _ = task.scored(members, "validation", starts, 10)
    for i, start in enumerate(starts):
        window = task.tokens["validation"][start : start + 11]
        for member in range(2):
            model = members.member(member).module_of()
            for place in range(10):
                logits = model(window[None, : place + 1])[0, -1]
                wanted = -float(logits.log_softmax(-1)[window[place + 1]])
                assert float(losses[member, i, place]) == pytest.approx(wanted, abs=1e-5)


def test_training_windows_never_reach_the_held_out_text(params: dict[str, Any]) -> None:
    task = _task(params)
    members = Members.initialise(task.build, [0], CPU)
    before = [float(s.loss.detach()) for s in task.steps(members, Draws([0], CPU))]
    task.tokens["validation"] = task.tokens["validation"].flip(0)
    assert before == [float(s.loss.detach()) for s in task.steps(members, Draws([0], CPU))]


def test_learning_rate_warms_up_and_falls(params: dict[str, Any]) -> None:
    task = _task(params)
    numbers = task.training
    rates = [task._learning_rate(step) for step in range(numbers["steps"])]
    assert rates[numbers["warmup"] - 1] == pytest.approx(numbers["learning_rate"])
    assert rates == sorted(rates[:2]) + sorted(rates[2:], reverse=True)
    last = task._learning_rate(numbers["steps"])
    assert last == pytest.approx(numbers["final"] * numbers["learning_rate"])


def test_prompts_with_unknown_characters_name_them() -> None:
    with pytest.raises(InputError, match="has no '‘x'"):
        encode("Once ", "‘Oxnce‘")
    with pytest.raises(InputError, match="at least one character"):
        encode("Once ", "")


def test_measures_of_samples() -> None:
    s = language_samples
    assert s.words("The goose-girl’s ‘cat’, 3 cats!") == ["the", "goose-girl’s", "cat", "cats"]
    assert s.real_words("xx a cat xx", {"a", "cat"}) == 1  # the outer words may be cut off
    assert s.real_words("xx a dog xx", {"a", "cat"}) == 0.5
    assert s.real_words("", {"a"}) == 0
    assert s.distinct("xx a b a b xx", 2) == 2 / 3
    known = s.ngrams("the cat sat on a mat", 4)
    assert s.novelty("xx the cat sat on the end", known, 4) == 0.5
    assert s.longest_copy("xxcat sat", "the cat sat on") == 7
    assert s.longest_copy("zz", "the cat") == 0
    assert s.agreement("abcd", "abxd") == 2


def test_bad_parameters_get_one_line(params: dict[str, Any]) -> None:
    params["language"]["clean"]["model"] = "nanno"
    with pytest.raises(InputError, match=r"language.clean.model: unknown model 'nanno'"):
        language.runs(params)


@pytest.mark.pipeline
def test_sample_writes_the_same_text_again(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    params = project.read_params() | {"studies": ["language"]}
    params["language"] |= {"positions": ["rope"], "mlp_layers": [1], "attentions": ["fused"]}
    del params["language"]["course"]
    project.write_params(params)
    project.snakemake("runs")
    (run,) = (project.folder / "results/full/runs/language").iterdir()

    def write(*more: str, ok: bool = True) -> str:
        folder = str(run.relative_to(project.folder))
        return project.inductive("sample", folder, "--prompt", "Once ", *more, ok=ok)

    first = write("--length", "30")
    assert first.startswith("Once ")
    assert len(first) == 36
    assert first == write("--length", "30")
    assert first != write("--length", "30", "--seed", "1")
    assert "has no '‘'" in write("--prompt", "‘Once", ok=False)
    assert "temperature: expected 0" in write("--temperature", "-1", ok=False)
    assert "give one of them" in write("--top-k", "2", "--top-p", "0.5", ok=False)
    assert "no seed 9" in write("--network", "9", ok=False)
