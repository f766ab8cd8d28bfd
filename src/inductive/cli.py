"""The `inductive` command: `run` for users, and one subcommand per step of the workflow.

Modules that take half a second or more to import are imported by the command that needs them.
"""

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from inductive.core.errors import InputError

app = typer.Typer(
    help="A reproducible atlas of the inductive biases of neural networks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

PlanFile = Annotated[Path, typer.Argument(help="A plan file that Snakemake has written.")]
Spec = Annotated[Path, typer.Argument(help="results/<preset>/jobs/<study>/<run>.json.")]
Seeds = Annotated[
    str | None, typer.Option(help="A set of seeds that the specification names; all by default.")
]
Threads = Annotated[int, typer.Option(min=1, help="Threads of this process.")]
Preset = Annotated[str, typer.Option(help="full, quick, laptop, or the path of an overlay.")]


@app.command()
def run(
    studies: Annotated[
        list[str] | None, typer.Argument(help="Studies to run; all by default.")
    ] = None,
    preset: Preset = "quick",
    cores: Annotated[int | None, typer.Option(min=1, help="Cores to use; all by default.")] = None,
) -> None:
    """Run studies and write the page: what `make run` calls."""
    from inductive.pipeline.front_door import run_studies

    sys.exit(run_studies(preset, studies or [], cores))


@app.command()
def studies(
    markdown: Annotated[bool, typer.Option("--markdown", help="As the README's table.")] = False,
) -> None:
    """List all studies and the question that each answers."""
    from inductive.pipeline.parameters import question_table

    print(question_table(markdown=markdown))


@app.command()
def plan(preset: Preset = "") -> None:
    """Check the parameters and write the plan files, as Snakemake does. Prints the runs."""
    from inductive.core.layout import Layout
    from inductive.pipeline.parameters import load
    from inductive.pipeline.plan import Plan

    planned = Plan(load(Path(), _overrides(preset)), Layout())
    planned.write()
    for runs in planned.runs.values():
        for planned_run in runs:
            print(planned.paths.run(planned_run))


def _overrides(preset: str) -> dict[str, str]:
    return {"preset": preset} if preset else {}


@app.command()
def schema(
    file: Annotated[
        Path | None, typer.Argument(help="Where to write it; standard output by default.")
    ] = None,
) -> None:
    """Write the JSON schema of params.yaml, from which editors complete and check."""
    from inductive.pipeline.parameters import schema_text

    if file is None:
        print(schema_text(), end="")
    else:
        file.write_text(schema_text(), encoding="utf-8")


@app.command()
def data(
    folder: Annotated[Path, typer.Argument(help="data/<name>/<kind>-<hash>, as in the plan.")],
    plan: Annotated[Path, typer.Option(help="The file of all planned data sets.")],
) -> None:
    """Fetch, generate or check one data set."""
    from inductive.pipeline.datasets import make_planned

    make_planned(folder, plan)


def _limit(threads: int) -> None:
    """Numerical libraries read this once, when they are first imported."""
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = str(threads)


@app.command()
def train(spec: Spec, seeds: Seeds = None, threads: Threads = 1) -> None:
    """Train the missing seeds of one run; continue where a killed job left off."""
    _limit(threads)
    from inductive.pipeline.jobs import RunJob

    job = RunJob.read(spec, seeds, threads)
    job.train()
    job.evaluate_early()


@app.command()
def evaluate(spec: Spec, seeds: Seeds = None, threads: Threads = 1) -> None:
    """Measure one run, or take the evaluation that its training job has made already."""
    from inductive.pipeline.cached import take_cached
    from inductive.pipeline.plan import JobSpec

    if take_cached(JobSpec.read(spec, seeds)):
        return
    _limit(threads)
    from inductive.pipeline.jobs import RunJob

    RunJob.read(spec, seeds, threads).evaluate()


@app.command()
def look(
    plan: PlanFile,
    look: Annotated[int, typer.Option(min=1, help="Which look at the study this is.")],
) -> None:
    """Compare a study's runs, and say which of them need more seeds."""
    from inductive.pipeline import render

    taken = render.look(plan, look)
    print(f"undecided: {', '.join(taken.undecided) or 'no claim'}")
    print("no run needs more seeds" if taken.done else f"seeds per run from now: {taken.counts}")


@app.command()
def section(plan: PlanFile) -> None:
    """Draw the tables and figures of a study."""
    from inductive.pipeline import render

    render.section(plan)


@app.command()
def verdicts(plan: PlanFile) -> None:
    """Judge the claims of a study."""
    from inductive.pipeline import render

    render.verdicts(plan)


@app.command()
def report(plan: PlanFile) -> None:
    """Assemble the page from all studies."""
    from inductive.pipeline import render

    render.report(plan)


@app.command()
def sample(
    run: Annotated[Path, typer.Argument(help="results/<preset>/runs/language/<run>, trained.")],
    prompt: Annotated[str, typer.Option(help="What the text starts with.")],
    length: Annotated[int, typer.Option(min=1, help="Characters to write.")] = 400,
    temperature: Annotated[float, typer.Option(help="0 takes the most likely character.")] = 0.8,
    top_k: Annotated[
        int | None, typer.Option(help="Keep only this many most likely characters.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Keep the likeliest characters of this total probability.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Random seed: equal seeds give equal text.")] = 0,
    network: Annotated[int, typer.Option(help="The seed whose network writes the text.")] = 0,
    threads: Threads = 1,
) -> None:
    """Continue a prompt with a trained language model, character by character."""
    _limit(threads)
    from inductive.nn.sampling import Sampling
    from inductive.pipeline.sample import write_text

    write_text(run, prompt, length, Sampling(temperature, top_k, top_p), seed, network)


@app.command()
def prune(
    preset: Annotated[list[str], typer.Option(help="Keep the runs of this preset; repeatable.")],
    delete: Annotated[
        bool, typer.Option("--delete", help="Remove them instead of only listing them.")
    ] = False,
) -> None:
    """List, or remove, the runs in the presets' results that their parameters do not use."""
    from inductive.core.layout import Layout
    from inductive.pipeline import prune as pruning
    from inductive.pipeline.parameters import load

    presets = [load(Path(), _overrides(name)) for name in preset]
    for folder, mebibytes in pruning.prune(presets, Layout(), delete=delete):
        print(f"{'removed' if delete else 'unused'}  {mebibytes:8.1f} MiB  {folder}")


def main() -> None:
    """Run the command; an error that the user can correct is one line, with exit code 1."""
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1 or bool(os.environ.get("INDUCTIVE_DEBUG"))
    try:
        app(args=arguments, prog_name="inductive")
    except (InputError, OSError) as error:
        if debug:
            traceback.print_exc()
        print(f"inductive: {error}", file=sys.stderr)
        sys.exit(1)
