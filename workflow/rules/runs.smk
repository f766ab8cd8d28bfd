# Two jobs a run: train all its seeds, judge them; or one, where there is nothing to train. A run's
# folder carries the hash of its numbers, its seeds, its data and its code: what is there is right,
# so its age does not matter (ancient).


rule train:
    input:
        ancient(JOBS.dataset_of),
    output:
        checkpoint="results/{preset}/runs/{study}/{run}/checkpoint.safetensors",
        history="results/{preset}/runs/{study}/{run}/history.csv",
        facts="results/{preset}/runs/{study}/{run}/run.json",
    log:
        "logs/{preset}/{study}/{run}/train.log",
    wildcard_constraints:
        run=JOBS.trained,
    threads: 1
    resources:
        mem_mb=3000,
    params:
        order="results/{preset}/orders/{study}/{run}.json",
    shell:
        "python -m inductive train {params.order:q} --threads {threads} 2>&1 | tee {log:q}"


rule evaluate:
    input:
        ancient(JOBS.dataset_of),
        ancient(rules.train.output.checkpoint),
        ancient(rules.train.output.facts),
    output:
        "results/{preset}/runs/{study}/{run}/evaluation-{hash}.csv",
        "results/{preset}/runs/{study}/{run}/evaluation-{hash}.csv.sha256",
    log:
        "logs/{preset}/{study}/{run}/evaluate-{hash}.log",
    wildcard_constraints:
        run=JOBS.trained,
    threads: 1
    resources:
        mem_mb=3000,
    params:
        order="results/{preset}/orders/{study}/{run}-evaluation-{hash}.json",
    shell:
        "python -m inductive evaluate {params.order:q} --threads {threads} 2>&1 | tee {log:q}"


rule verify:
    output:
        evaluation="results/{preset}/runs/{study}/{run}/verification.csv",
        facts="results/{preset}/runs/{study}/{run}/run.json",
    log:
        "logs/{preset}/{study}/{run}/verify.log",
    wildcard_constraints:
        run=JOBS.untrained,
    threads: 1
    resources:
        mem_mb=3000,
    params:
        order="results/{preset}/orders/{study}/{run}.json",
    shell:
        "python -m inductive verify {params.order:q} --threads {threads} 2>&1 | tee {log:q}"
