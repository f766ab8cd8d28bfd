# One job per data set. The name of its folder contains a hash of its content, so a data set that
# exists is up to date.


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
