# Two commands do everything, set-up included: `make report` and `make test`. `make help` lists all.
PYTHON ?= python3
CORES  ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
BIN    := .venv/bin
# Scripts started by Snakemake must find the environment's python, whatever shell make was called from.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Snakemake keeps a cache of its own in the home directory, which may be read-only.
export XDG_CACHE_HOME ?= $(CURDIR)/.snakemake/cache
# Snakemake's reports warn of its own coroutines, three lines for each job.
QUIETLY := PYTHONWARNINGS=ignore::RuntimeWarning

# The lock names what pip gets by default, on Linux the CUDA build of torch among it.
LOCK := --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate

.PHONY: help targets report quick page check smoke test mutants lint accept benchmark publish archive lock clean

help:                          ## this list
	@echo 'make COMMAND; each sets up .venv first if necessary:'
	@awk -F':[^#]*## ' '/^[a-z]+:[^#]*## / { printf "  %-12s%s\n", $$1, $$2 }' Makefile
	@if command -v snakemake > /dev/null; then $(MAKE) --no-print-directory targets; \
	else echo 'The targets of Snakemake are listed here after the first of these commands.'; fi

targets:
	@echo 'snakemake --cores $(CORES) TARGET, after . .venv/bin/activate; with -n it says what would run and how long it takes:'
	@snakemake --list-target-rules 2>&1 | sort -V | awk '/^Using workflow/ { next } \
	  { name = $$1; sub(/^[^ ]* \(?/, ""); sub(/\)$$/, ""); printf "  %-30s%s\n", name, $$0 }'
	@echo 'One figure: snakemake --cores $(CORES) gromov2023_figure_1'
	@echo 'The same on a tiny problem: snakemake --cores $(CORES) --config preset=smoke -- gromov2023_figure_1'

report: .venv/installed        ## every figure, table and claim: results/report.html; how each was made: results/workflow.html
	snakemake --cores $(CORES) --prioritize results/figures/lyu2024/figure_3.svg -- all   # the cheapest figure first
	$(QUIETLY) snakemake --cores 1 --report results/workflow.html -- all

quick: .venv/installed         ## five figures in half an hour, reading included
	snakemake --cores $(CORES) -- lyu2024_figure_1a lyu2024_figure_2a lyu2024_figure_3 gromov2023_figure_1 pku2024_figure_5

page: .venv/installed          ## the page and figures of the published build, without training: results/page/report.html
	snakemake --cores $(CORES) -- page

check: .venv/installed         ## is this build the published one? exit code 1 if not
	snakemake --cores $(CORES) check

smoke: .venv/installed         ## the whole workflow on tiny problems: results/smoke/report.html
	snakemake --cores $(CORES) smoke

test: .venv/tested             ## style, types, mathematics, workflow
	$(MAKE) lint
	pytest --numprocesses 3 --dist loadfile   # one of them mostly waits for a cluster

mutants: .venv/tested          ## wrong science on purpose: which edits of the code do the tests not notice?
	python -m tests.mutation

lint: .venv/tested
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow
	check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

accept: .venv/installed        ## take over results copied from another clone or machine
	snakemake --cores 1 --forcerun accept -- accept
	xargs snakemake --touch --forceall --cores 1 -- < results/accepted.txt

benchmark: .venv/installed     ## after a build: speeds against plain torch and descent, results/benchmark.md
	python -m benchmarks

publish: .venv/installed       ## a full build, then results/published and the README's numbers from it; HOURS=0: from what is there
	snakemake --cores $(CORES) --config everything=true $(if $(HOURS),hours=$(HOURS) )-- all
	$(MAKE) benchmark
	python -m publish

archive: .venv/installed       ## code and results of a build in one file with checksums: grokking-<version>.zip
	python -m publish.archive

lock: .venv/tested             ## requirements.lock anew: what the pins of pyproject.toml need, with hashes
	uv pip compile $(LOCK) pyproject.toml --output-file requirements.lock

# What a build needs, and with what the tests need besides: linters, a type checker, a second solver, a browser's driver.
.venv/installed: pyproject.toml | .venv/made
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/tested: pyproject.toml | .venv/made
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@ .venv/installed

.venv/made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "grokking: python %d.%d is too old, 3.11 or newer is needed; try make PYTHON=python3.11" % sys.version_info[:2])'
	$(PYTHON) -m venv .venv
	touch $@

clean:                         ## removes what was built, except results/published
	rm -rf .snakemake $(filter-out results/published,$(wildcard results/*))
