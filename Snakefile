# Inductive: data -> train -> evaluate -> section, verdicts -> report, for every study and every run.
#
#   snakemake --cores 2 --config preset=quick     all of it, on generated data
#   snakemake --cores 2 --config preset=laptop    real data, fewer seeds
#   snakemake --cores 2                           the full protocol
#   snakemake -n                                  what would run, and why
#
# params.yaml says what to run; profiles/ say how (cores, executor, GPUs).

import sys

sys.path.insert(0, f"{workflow.basedir}/src")  # this checkout's package, whichever is installed

from inductive.pipeline import snakemake as inductive

# Checks all parameters and writes the plan files, which the jobs read.
JOBS = inductive.prepare(workflow.config_settings.overwrite_config)


include: "workflow/rules/data.smk"
include: "workflow/rules/runs.smk"
include: "workflow/rules/report.smk"


# On a cluster these run where Snakemake does: fetching needs a network, the page takes a second.
localrules:
    all,
    data,
    runs,
    dataset,
    report,


# The page alone would do, but then a result that was deleted is not missed while its page exists.
rule all:
    default_target: True
    input:
        f"results/{JOBS.preset}/report/index.html",
        JOBS.sections,
        JOBS.verdicts,
        JOBS.evaluations,
        JOBS.trained,


rule data:
    input:
        JOBS.datasets,


rule runs:
    input:
        JOBS.evaluations,
