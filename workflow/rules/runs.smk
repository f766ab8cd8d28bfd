# Two jobs per run: train all its seeds, then measure them. A run without training has only the
# second job. The name of a run's folder contains a hash of its settings, data and code, and the
# folder has one subfolder per set of seeds. An existing result is therefore up to date, and its age
# is ignored (ancient).


rule train:
    input:
        ancient(JOBS.dataset_of),
    output:
        checkpoint="results/{preset}/runs/{study}/{run}/seeds-{seeds}/checkpoint.safetensors",
        history="results/{preset}/runs/{study}/{run}/seeds-{seeds}/history.csv",
        facts="results/{preset}/runs/{study}/{run}/seeds-{seeds}/run.json",
    log:
        "logs/{preset}/{study}/{run}/train-{seeds}.log",
    threads: 1
    resources:
        mem_mb=3000,
    params:
        spec="results/{preset}/jobs/{study}/{run}.json",
    shell:
        "python -m inductive train {params.spec:q} --seeds {wildcards.seeds:q}"
        " --threads {threads} 2>&1 | tee {log:q}"


rule evaluate:
    input:
        ancient(JOBS.inputs_of_evaluation),
    output:
        measurements="results/{preset}/runs/{study}/{run}/seeds-{seeds}/evaluation-{hash}/measurements.csv",
        artefacts="results/{preset}/runs/{study}/{run}/seeds-{seeds}/evaluation-{hash}/artefacts.safetensors",
        facts="results/{preset}/runs/{study}/{run}/seeds-{seeds}/evaluation-{hash}/evaluation.json",
    log:
        "logs/{preset}/{study}/{run}/evaluate-{seeds}-{hash}.log",
    threads: 1
    resources:
        mem_mb=3000,
    params:
        spec="results/{preset}/jobs/{study}/{run}-evaluation-{hash}.json",
    shell:
        "python -m inductive evaluate {params.spec:q} --seeds {wildcards.seeds:q}"
        " --threads {threads} 2>&1 | tee {log:q}"
