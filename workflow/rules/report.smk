# One job a study, then the page. These outputs have fixed names; the plan files, which change when
# what is asked for changes, say when they are out of date.


def results_of(wildcards):
    runs = PLAN.runs[wildcards.study]
    folders = [f"results/{PLAN.preset}/runs/{run.study}/{run.id}" for run in runs]
    histories = [ancient(f"{folder}/history.csv") for folder in folders]
    return [ancient(evaluation_of(run)) for run in runs] + histories


rule study:
    input:
        results_of,
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
        "python -m inductive study {input.plan} 2>&1 | tee {log}"


rule report:
    input:
        [f"results/{PLAN.preset}/studies/{study}/section.json" for study in PLAN.runs],
        plan=f"results/{PLAN.preset}/report/plan.json",
    output:
        page=report(
            f"results/{PLAN.preset}/report/index.html",
            category="report",
            caption="../report/page.rst",
        ),
        claims=f"results/{PLAN.preset}/report/claims.csv",
        metrics=f"results/{PLAN.preset}/report/metrics.json",
    log:
        f"logs/{PLAN.preset}/report.log",
    shell:
        "python -m inductive report {input.plan} 2>&1 | tee {log}"
