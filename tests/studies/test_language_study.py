"""The language study: its texts, losses, learning rate and samples."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch

from conftest import Project
from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.nn.gpt_config import ATTENTIONS, POSITIONS
from inductive.nn.sampling import Sampling
from inductive.studies.language.evaluate import evaluate
from inductive.studies.language.metrics import METRICS
from inductive.studies.language.settings import AttentionName, PositionName
from inductive.studies.language.task import LanguageTask, encode, task
from inductive.studies.language.writing import WRITTEN, stream
from inductive.training.ensemble import Ensemble
from inductive.training.random_streams import RandomStreams

CPU = torch.device("cpu")
MakeTask = Callable[..., LanguageTask]


@pytest.fixture
def make_task(make_runs: Callable[..., list[Run]], make_data: Callable[[Run], Any]) -> MakeTask:
    """The task of a run on small parameters, by the name of its variant."""

    def make(variant: str = "rope-8") -> LanguageTask:
        run = next(r for r in make_runs("language") if r.variant == variant)
        return task(run, make_data(run), CPU)

    return make


def test_settings_allow_the_options_of_a_gpt() -> None:
    assert get_args(PositionName) == POSITIONS
    assert get_args(AttentionName) == ATTENTIONS


def test_course_trains_on_the_whole_text_and_clean_holds_out_a_part(make_task: MakeTask) -> None:
    course, clean = make_task("course"), make_task()
    assert course.evaluated_part == "train"
    assert set(course.text) == {"train"}
    whole = clean.text["train"] + clean.text["validation"]
    assert len(clean.text["validation"]) == pytest.approx(0.1 * len(whole), abs=1)
    assert clean.floor is not None
    assert 0.3 < clean.floor < 1.5


def test_losses_by_position_equal_a_plain_loop(make_task: MakeTask) -> None:
    small = make_task()
    ensemble = Ensemble.initialise(small.build, [0, 1], CPU)
    starts = np.array([3, 40])
    with torch.no_grad():
        losses, _ = small.scored(ensemble, "validation", starts, 10)
    for i, start in enumerate(starts):
        window = small.tokens["validation"][start : start + 11]
        for s in range(2):
            model = ensemble.select(s).to_module()
            for position in range(10):
                logits = model(window[None, : position + 1])[0, -1]
                expected = -float(logits.log_softmax(-1)[window[position + 1]])
                assert float(losses[s, i, position]) == pytest.approx(expected, abs=1e-5)


def test_training_windows_do_not_contain_held_out_text(make_task: MakeTask) -> None:
    small = make_task()
    ensemble = Ensemble.initialise(small.build, [0], CPU)

    def losses() -> list[float]:
        return [float(s.loss.detach()) for s in small.steps(ensemble, RandomStreams([0], CPU))]

    before = losses()
    small.tokens["validation"] = small.tokens["validation"].flip(0)
    assert before == losses()


def test_learning_rate_warms_up_and_falls(make_task: MakeTask) -> None:
    small = make_task()
    training = small.training
    rates = [small._learning_rate(step) for step in range(training.steps)]
    assert rates[training.warmup - 1] == pytest.approx(training.learning_rate)
    assert rates == sorted(rates[:2]) + sorted(rates[2:], reverse=True)
    last = small._learning_rate(training.steps)
    assert last == pytest.approx(training.final * training.learning_rate)


def test_unknown_characters_of_a_prompt_are_named() -> None:
    with pytest.raises(InputError, match="has no '‘x'"):
        encode("Once ", "‘Oxnce‘")
    with pytest.raises(InputError, match="at least one character"):
        encode("Once ", "")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clean": {"model": "nanno"}}, r"language.clean.model: unknown model 'nanno'"),
        ({"positions": ["none"]}, r"none is the base, rope at 8 \(language.clean\)"),
        ({"models": {"tiny": {"width": 9}}}, "language: .*: a width of 9 cannot be divided"),
        ({"evaluation": {"verbatim": {"characters": 8}}}, "8 leave no room for a prompt"),
        ({"evaluation": {"stretch": [100]}}, "too few for windows of 800"),
    ],
)
def test_errors_of_invalid_parameters_are_one_line(
    make_runs: Callable[..., list[Run]], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        make_runs("language", change)


def test_only_the_base_writes_texts_and_all_metrics_are_declared(
    make_runs: Callable[..., list[Run]], make_data: Callable[[Run], Any]
) -> None:
    measured = set()
    for run in make_runs("language"):
        if run.variant not in ("rope-8", "none-8"):
            continue
        data = make_data(run)
        networks = Ensemble.initialise(task(run, data, CPU).build, run.seeds, CPU)
        with torch.no_grad():
            table = evaluate(run, data, {"last": networks}, CPU)
        measured |= {row[3] for row in table.rows}
        assert all(set(row[4]) <= METRICS[row[3]].coordinates for row in table.rows)
        assert bool(table.notes) == run.labels["base"]
        if run.labels["base"]:
            first, second = table.notes["0/texts"]
            assert len(first) == WRITTEN
            assert second.startswith("(prompt: the training text has no '‘'")
    assert measured == set(METRICS)


def test_a_text_depends_only_on_its_seed(
    make_runs: Callable[..., list[Run]], make_data: Callable[[Run], Any]
) -> None:
    run = next(r for r in make_runs("language") if r.variant == "rope-8")
    data = make_data(run)
    network = Ensemble.initialise(task(run, data, CPU).build, [1], CPU)

    def write(seed: int, temperature: float = 1.0) -> str:
        sampling = Sampling(temperature)
        return "".join(stream(run, data, network, "Once ", 30, sampling, seed))

    assert len(write(0)) == 30
    assert write(0) == write(0)
    assert write(0) != write(1)
    with pytest.raises(InputError, match="temperature: expected 0"):
        write(0, temperature=-1)


@pytest.mark.pipeline
def test_sample_is_reproducible(tmp_path: Path) -> None:
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
