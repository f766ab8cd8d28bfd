# Inductive: data -> train -> evaluate -> study -> report, for every study and every run.
#
#   snakemake --cores 2 --config preset=quick     all of it, on generated data
#   snakemake --cores 2 --config preset=laptop    real data, fewer seeds
#   snakemake --cores 2                           the full protocol
#   snakemake -n                                  what would run, and why
#
# params.yaml says what to run; profiles/ say how (cores, executor, GPUs).

import os
import sys
from pathlib import Path

SOURCE = str(Path(workflow.basedir) / "src")
sys.path.insert(0, SOURCE)

from inductive.config import resolve
from inductive.errors import InputError
from inductive.plan import Plan

# Jobs run this very Python and this very package, whatever shell started Snakemake.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
os.environ["PYTHONPATH"] = SOURCE

try:
    # Everything that can be known to be wrong is known here, before any job starts.
    PLAN = Plan(resolve(overrides=workflow.config_settings.overwrite_config))
    PLAN.write()
except InputError as error:
    sys.exit(f"inductive: {error}")


include: "workflow/rules/data.smk"
include: "workflow/rules/runs.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        f"results/{PLAN.preset}/report/index.html",


rule data:
    input:
        [spec.card for spec in PLAN.datasets.values()],


rule runs:
    input:
        [evaluation_of(run) for run in RUNS.values()],
