"""The `inductive` command: one subcommand a step of the workflow, and a few for people."""

import os
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from inductive import config, store
from inductive.errors import InputError

app = typer.Typer(
    help="A reproducible atlas of the inductive biases of neural networks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

PlanFile = Annotated[Path, typer.Argument(help="A study's plan.json, written by Snakemake.")]
Order = Annotated[Path, typer.Argument(help="results/<preset>/orders/<study>/<run>.json.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads of this process.")]
Preset = Annotated[str, typer.Option(help="full, quick, laptop, or the path of an overlay.")]


def _params(preset: str | None) -> dict[str, object]:
    return config.resolve(overrides={"preset": preset} if preset else {})


@app.command()
def plan(preset: Preset = "") -> None:
    """Check the parameters and write the plan files, as Snakemake does. Prints the runs."""
    from inductive.plan import Plan

    planned = Plan(_params(preset))
    planned.write()
    for study, runs in planned.runs.items():
        for run in runs:
            print(store.run_folder(planned.preset, study, run.id))


@app.command()
def data(
    folder: Annotated[Path, typer.Argument(help="data/<name>/<kind>-<hash>, as in the plan.")],
    plan: Annotated[Path, typer.Option(help="The file of all planned datasets.")],
) -> None:
    """Fetch, generate or check one dataset."""
    from inductive.data.registry import make
    from inductive.data.spec import DatasetSpec
    from inductive.errors import unknown

    specs = store.read_json(plan)
    if str(folder) not in specs:
        raise InputError(f"{plan}: {unknown('dataset', folder, specs)}")
    make(DatasetSpec(**specs[str(folder)]))


def _limit(threads: int) -> None:
    """Numerical libraries read this once, when they are first imported."""
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ[f"{library}_NUM_THREADS"] = str(threads)


@app.command()
def train(order: Order, threads: Threads = 1) -> None:
    """Train all seeds of one run; continue where a killed one left off."""
    _limit(threads)
    from inductive.plan import read_order
    from inductive.training import job

    asked = read_order(order)
    job.train(*asked, threads)
    job.evaluate_early(*asked, threads)


@app.command()
def evaluate(order: Order, threads: Threads = 1) -> None:
    """Judge one trained run, or take the evaluation that its training job has laid aside."""
    from inductive.plan import read_order

    run, preset, settings = read_order(order)
    aside = store.aside(preset, run.study, run.id, run.evaluation_file)
    if aside.is_file():
        file = store.run_folder(preset, run.study, run.id) / run.evaluation_file
        aside.rename(file)
        store.seal(file)
        return
    _limit(threads)
    from inductive.training import job

    job.evaluate(run, preset, settings, threads)


@app.command()
def verify(order: Order, threads: Threads = 1) -> None:
    """Measure one run that trains nothing."""
    _limit(threads)
    from inductive.plan import read_order
    from inductive.training import job

    job.verify(*read_order(order), threads)


@app.command()
def study(plan: PlanFile) -> None:
    """Draw the tables and figures of a study and judge its claims."""
    from inductive.report.study import render

    render(plan)


@app.command()
def report(plan: Annotated[Path, typer.Argument(help="The report's plan.json.")]) -> None:
    """Assemble the page from all studies."""
    from inductive.report.page import render

    render(plan)


@app.command()
def sample(
    run: Annotated[Path, typer.Argument(help="results/<preset>/runs/language/<run>, trained.")],
    prompt: Annotated[str, typer.Option(help="What the text starts with.")],
    length: Annotated[int, typer.Option(min=1, help="Characters to write.")] = 400,
    temperature: Annotated[float, typer.Option(help="0 takes the likeliest character.")] = 0.8,
    top_k: Annotated[int | None, typer.Option(help="Only so many of the likeliest.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Only the likeliest of this share.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws: equal seeds, equal text.")] = 0,
    network: Annotated[int, typer.Option(help="Which seed's network writes.")] = 0,
    threads: Threads = 1,
) -> None:
    """Continue a prompt with a trained language model, character by character."""
    _limit(threads)
    from inductive.studies.language_writing import stream

    written = stream(run, prompt, length, (temperature, top_k, top_p), seed, network)
    first = next(written)  # what is wrong shows before anything is written
    for piece in (prompt, first):
        sys.stdout.write(piece)
    for character in written:
        sys.stdout.write(character)
        sys.stdout.flush()
    sys.stdout.write("\n")


@app.command()
def prune(
    preset: Annotated[list[str], typer.Option(help="Whose runs to keep; may be given again.")],
    delete: Annotated[
        bool, typer.Option("--delete", help="Remove them, not only list them.")
    ] = False,
) -> None:
    """List, or remove, the runs in the presets' results that their parameters do not ask for."""
    from inductive.prune import prune as find

    for folder, mebibytes in find([_params(name) for name in preset], delete=delete):
        print(f"{'removed' if delete else 'unused'}  {mebibytes:8.1f} MiB  {folder}")


def main() -> None:
    """Run the command; what a user can mend is one line and exit code 1."""
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    debug = len(arguments) < len(sys.argv) - 1 or bool(os.environ.get("INDUCTIVE_DEBUG"))
    try:
        app(args=arguments, prog_name="inductive")
    except (InputError, OSError) as error:
        if debug:
            traceback.print_exc()
        print(f"inductive: {error}", file=sys.stderr)
        sys.exit(1)
