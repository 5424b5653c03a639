# Two commands do everything, set-up included: `make report` and `make test`.
PYTHON ?= python3
CORES  ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
BIN    := .venv/bin
# Scripts started by Snakemake must find the environment's python, whatever shell make was called from.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: report test lint benchmark publish clean

report: .venv/installed        ## every figure, table and claim, and results/report.html
	snakemake --cores $(CORES) --prioritize results/figures/figure_3.svg -- report   # the cheapest figure first

test: .venv/installed          ## style, types, mathematics, workflow
	$(MAKE) lint
	pytest

lint: .venv/installed
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow

benchmark: .venv/installed     ## a timed build of Figures 1 and 3, against literal gradient descent
	snakemake --cores $(CORES) benchmark

publish: .venv/installed       ## refresh results/published and the README's tables
	snakemake --cores $(CORES) publish

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "grokking: python %d.%d is too old, 3.11 or newer is needed; try make PYTHON=python3.11" % sys.version_info[:2])'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:                         ## removes what was built, except results/published
	rm -rf .snakemake $(filter-out results/published,$(wildcard results/*))
