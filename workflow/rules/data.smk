# One job per data set. Its folder is named by its content, so a data set that exists is right.


rule dataset:
    output:
        "data/{name}/{version}/dataset.json",
    log:
        "logs/data/{name}/{version}.log",
    params:
        plan="results/.scratch/data.json",
    shell:
        "python -m inductive data data/{wildcards.name}/{wildcards.version}"
        " --plan {params.plan:q} 2>&1 | tee {log:q}"
