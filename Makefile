# `make run` and `make test` first create the environment. VENV may name a shared environment, whose
# name should contain the hash of the lock file: make VENV=~/.cache/inductive-$(make lock-hash)

PYTHON ?= python3
VENV ?= .venv
CORES ?= all
export PATH := $(abspath $(VENV))/bin:$(PATH)
export PYTHONPATH := $(CURDIR)/src
READY := $(VENV)/.ready

.PHONY: run laptop full test soak bench calibrate lint format schema clean lock lock-hash
.DEFAULT_GOAL := run

run: $(READY) ## all studies on generated data, minutes
	inductive run --preset quick $(if $(filter-out all,$(CORES)),--cores $(CORES))

laptop: $(READY) ## real data, fewer seeds, about two hours on two cores (an estimate)
	snakemake --cores $(CORES) --config preset=laptop

full: $(READY) ## the full protocol; a GPU is recommended
	snakemake --cores $(CORES)

test: $(READY)
	pytest

soak: $(READY) ## tests with killed jobs, full disks, damaged files and 2,000 mutated parameter files; half an hour
	SOAK=1 FUZZ_EXAMPLES=2000 pytest tests/soak tests/pipeline/test_fuzz.py

bench: $(READY) ## comparisons with other implementations; writes benchmarks/
	python benchmarks/run.py

calibrate: $(READY) ## the judge's own error rates and power, simulated; writes benchmarks/judge.md
	OMP_NUM_THREADS=1 python benchmarks/calibrate.py

lint: $(READY)
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile workflow/rules
	mypy
	lint-imports
	! snakemake --lint 2>&1 | grep "^ *\* " | grep -v "Specify a conda environment"

format: $(READY)
	ruff check --fix .
	ruff format .
	snakefmt Snakefile workflow/rules

schema: $(READY) ## the JSON schema of params.yaml; a test checks that it is current
	inductive schema workflow/schemas/params.schema.json

clean: ## remove results and data; a DVC cache keeps its files
	rm -rf results/*/ results/.scratch data logs .snakemake

lock: ## resolve requirements.txt again, for every platform
	uv pip compile --universal --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --extra dev pyproject.toml -o requirements.txt

lock-hash:
	@$(PYTHON) -c "import hashlib; print(hashlib.sha256(open('requirements.txt','rb').read()).hexdigest()[:12])"

# The package itself is installed without dependencies, because the lock file pins them.
$(READY): requirements.txt
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet -r requirements.txt
	$(VENV)/bin/python -m pip install --quiet --no-deps --editable .
	touch $@
