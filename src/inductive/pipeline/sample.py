"""Generates text with a trained language model and prints it character by character."""

import sys
from dataclasses import replace
from pathlib import Path

import torch

from inductive.core.errors import InputError
from inductive.core.files import read_json
from inductive.core.integrity import check_trained
from inductive.core.layout import Layout
from inductive.core.run import Run
from inductive.data import registry
from inductive.nn.sampling import Sampling
from inductive.pipeline.jobs import restore
from inductive.studies.language.writing import stream
from inductive.training.result import TrainedSeeds


def write_text(
    folder: Path,
    prompt: str,
    length: int,
    sampling: Sampling,
    seed: int,
    network: int,
    root: Path = Path(),
) -> None:
    """Print the prompt and `length` more characters.

    `folder` is that of a run, or of one of its sets of seeds; `network` is the seed whose network
    writes. Raises InputError before anything is printed.
    """
    sampling.check()
    trained = _trained_folder(folder, network)
    run = Run.from_json(read_json(trained / "run.json")["run"])
    if run.study != "language":
        raise InputError(f"{folder}: a run of {run.study}, not of language")
    check_trained(run, trained)
    data = registry.load(run.data, Layout(root))
    weights = TrainedSeeds.read(trained).select([network])
    run = replace(run, seeds=(network,))
    ensemble = restore(run, weights, data, torch.device("cpu"))["last"]
    written = stream(run, data, ensemble, prompt, length, sampling, seed)
    first = next(written)  # errors are raised before anything is printed
    for piece in (prompt, first):
        sys.stdout.write(piece)
    for character in written:
        sys.stdout.write(character)
        sys.stdout.flush()
    sys.stdout.write("\n")


def _trained_folder(folder: Path, network: int) -> Path:
    """The set of seeds in a run's folder (or the folder itself) that holds this seed's network."""
    sets = [folder] if (folder / "run.json").is_file() else sorted(folder.glob("seeds-*"))
    sets = [seed_set for seed_set in sets if (seed_set / "run.json").is_file()]
    if not sets:
        raise InputError(f"{folder}: no trained run; give results/<preset>/runs/language/<run>")
    seeds = {seed_set: read_json(seed_set / "run.json")["seeds"] for seed_set in sets}
    for seed_set, present in seeds.items():
        if network in present:
            return seed_set
    all_seeds = sorted({seed for present in seeds.values() for seed in present})
    raise InputError(f"network: no seed {network} in this run; it has {all_seeds}")
