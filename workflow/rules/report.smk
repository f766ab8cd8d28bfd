# One job a study, then the page. These outputs have fixed names; the plan files, which change when
# what is asked for changes, say when they are out of date.


rule study:
    input:
        ancient(JOBS.results_of),
        plan="results/{preset}/studies/{study}/plan.json",
    output:
        section="results/{preset}/studies/{study}/section.json",
        verdicts="results/{preset}/studies/{study}/verdicts.csv",
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
        "logs/{preset}/{study}/study.log",
    resources:
        mem_mb=2000,
    shell:
        "python -m inductive study {input.plan:q} 2>&1 | tee {log:q}"


rule report:
    input:
        JOBS.sections,
        plan=f"results/{JOBS.preset}/report/plan.json",
    output:
        page=report(
            f"results/{JOBS.preset}/report/index.html",
            category="report",
            caption="../report/page.rst",
        ),
        claims=f"results/{JOBS.preset}/report/claims.csv",
        metrics=f"results/{JOBS.preset}/report/metrics.json",
    log:
        f"logs/{JOBS.preset}/report.log",
    shell:
        "python -m inductive report {input.plan:q} 2>&1 | tee {log:q}"
