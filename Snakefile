# Inductive: data -> train -> evaluate -> look -> section, verdicts -> report, for every study and
# every run; after a look, runs whose comparisons are undecided are trained with more seeds.
#
#   snakemake --cores 2 --config preset=quick     everything, on generated data
#   snakemake --cores 2 --config preset=laptop    real data, fewer seeds
#   snakemake --cores 2                           the full protocol
#   snakemake -n                                  lists the jobs that would run, and why
#
# params.yaml defines what to run; profiles/ define how (cores, executor, GPUs).

import sys

# This checkout's package, even where another version is installed.
sys.path.insert(0, f"{workflow.basedir}/src")

from inductive.pipeline import snakemake as inductive

# Checks all parameters and writes the plan files, which the jobs read.
JOBS = inductive.prepare(workflow.config_settings.overwrite_config, checkpoints)


# Each is one part of a path; with less to try, planning is faster.
wildcard_constraints:
    preset=r"[^/]+",
    study=r"[^/]+",
    run=r"[^/]+",
    seeds=r"[^/]+",
    hash=r"[0-9a-f]{8}",
    look=r"[1-9][0-9]*",


include: "workflow/rules/data.smk"
include: "workflow/rules/runs.smk"
include: "workflow/rules/report.smk"


# On a cluster these rules run on Snakemake's machine: downloads need a network, a look and the page
# take seconds.
localrules:
    all,
    data,
    runs,
    dataset,
    look,
    report,


# The page alone as a target would be enough to make everything, but then Snakemake would not notice
# a deleted result while the page exists.
rule all:
    default_target: True
    input:
        f"results/{JOBS.preset}/report/index.html",
        JOBS.sections,
        JOBS.verdicts,
        *JOBS.reached,


rule data:
    input:
        JOBS.datasets,


rule runs:
    input:
        *JOBS.reached,
