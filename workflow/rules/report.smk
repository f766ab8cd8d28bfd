# Per study its looks, its tables and figures, and its verdicts; then the page. These outputs have
# fixed names. They depend on the plan files, which change when the parameters or the code change, so
# that Snakemake recognises outputs that are out of date.


# Says which runs need more seeds. Snakemake plans the rest after each look (a checkpoint): the next
# look, or, where no run needs more, the section and the verdicts.
checkpoint look:
    input:
        JOBS.looks_of,
        ancient(JOBS.results_of),
        plan="results/{preset}/studies/{study}/verdicts-plan.json",
    output:
        "results/{preset}/studies/{study}/looks/{look}.json",
    log:
        "logs/{preset}/{study}/look-{look}.log",
    shell:
        "python -m inductive look {input.plan:q} --look {wildcards.look} 2>&1 | tee {log:q}"


rule section:
    input:
        JOBS.looks_of,
        ancient(JOBS.results_of),
        plan="results/{preset}/studies/{study}/section-plan.json",
    output:
        section="results/{preset}/studies/{study}/section.json",
        tables=report(
            directory("results/{preset}/studies/{study}/tables"),
            patterns=["{table}.csv"],
            category="{study}",
            caption="../report/table.rst",
        ),
        figures=report(
            directory("results/{preset}/studies/{study}/figures"),
            patterns=["{figure}.svg"],
            category="{study}",
            caption="../report/figure.rst",
        ),
    log:
        "logs/{preset}/{study}/section.log",
    resources:
        mem_mb=2000,
    shell:
        "python -m inductive section {input.plan:q} 2>&1 | tee {log:q}"


rule verdicts:
    input:
        JOBS.looks_of,
        ancient(JOBS.results_of),
        plan="results/{preset}/studies/{study}/verdicts-plan.json",
    output:
        summary="results/{preset}/studies/{study}/verdicts.json",
        comparisons="results/{preset}/studies/{study}/verdicts.csv",
        looks="results/{preset}/studies/{study}/looks.csv",
        per_seed="results/{preset}/studies/{study}/per_seed.csv",
    log:
        "logs/{preset}/{study}/verdicts.log",
    resources:
        mem_mb=2000,
    shell:
        "python -m inductive verdicts {input.plan:q} 2>&1 | tee {log:q}"


rule report:
    input:
        JOBS.sections,
        JOBS.verdicts,
        plan=f"results/{JOBS.preset}/report/plan.json",
    output:
        page=report(
            f"results/{JOBS.preset}/report/index.html",
            category="report",
            caption="../report/page.rst",
        ),
        claims=f"results/{JOBS.preset}/report/claims.csv",
        comparisons=f"results/{JOBS.preset}/report/comparisons.csv",
        looks=f"results/{JOBS.preset}/report/looks.csv",
        per_seed=f"results/{JOBS.preset}/report/per_seed.csv",
        metrics=f"results/{JOBS.preset}/report/metrics.json",
    log:
        f"logs/{JOBS.preset}/report.log",
    shell:
        "python -m inductive report {input.plan:q} 2>&1 | tee {log:q}"
