# Inductive: data -> train -> evaluate -> study -> report, for every study and every run.
#
#   snakemake --cores 2 --config preset=quick     all of it, on generated data
#   snakemake --cores 2 --config preset=laptop    real data, fewer seeds
#   snakemake --cores 2                           the full protocol
#   snakemake -n                                  what would run, and why
#
# params.yaml says what to run; profiles/ say how (cores, executor, GPUs).

import sys

sys.path.insert(0, f"{workflow.basedir}/src")

from inductive import engine

# Checks all parameters and writes the plan files, which the jobs read.
JOBS = engine.prepare(workflow.config_settings.overwrite_config)


include: "workflow/rules/data.smk"
include: "workflow/rules/runs.smk"
include: "workflow/rules/report.smk"


# On a cluster these run where Snakemake does: fetching wants a network, the page takes a second.
localrules:
    all,
    data,
    runs,
    dataset,
    report,


# The page would do, but then a result that was deleted is not missed while its page is there.
rule all:
    default_target: True
    input:
        f"results/{JOBS.preset}/report/index.html",
        JOBS.sections,
        JOBS.evaluations,
        JOBS.facts,


rule data:
    input:
        JOBS.datasets,


rule runs:
    input:
        JOBS.evaluations,
