# All commands of the project, for people and for continuous integration. `make help` lists them.
# Variables: PYTHON (which creates .venv), RAW_DATA, S3_PORT, AIRFLOW_PORT, AIRFLOW_LOGIN, STACK_DIR; see the README.
SHELL := /bin/bash
PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
DEPLOY_ENV ?= .env
DEPLOY_IMAGE ?= airflow-metaflow-taxi:deploy-check
DEPLOY_OPTIONS ?=
.DEFAULT_GOAL := help
# For recipes: the stack's state directory, and a command that succeeds if .venv has the stack's packages.
STACK_STATE := $${STACK_DIR:-.local}
IS_INSTALLED := $(VENV_PYTHON) -c 'import airflow_client, supervisor' 2>/dev/null
.PHONY: help run standalone status stop clean new-flow \
  test test-engine test-real-trips test-compat test-kubernetes test-containers \
  lint package deploy-check bench conformance constraints install reinstall-if-running

help: ## List the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 24

run: install ## Start what is not running, run the pipeline and print its report; RAW_DATA=<files> uses your own trips
	@$(VENV_PYTHON) -m local run

standalone: install ## Start what `astro dev start --standalone` needs: S3, and the flows compiled for it
	@$(VENV_PYTHON) -m local standalone

status: reinstall-if-running ## Show the services, their addresses and the last runs
	@if $(IS_INSTALLED); then $(VENV_PYTHON) -m local status; else echo "Nothing is installed yet: make run"; fi

stop: reinstall-if-running ## Stop the stack; its data stays
	@! $(IS_INSTALLED) || $(VENV_PYTHON) -m local down

clean: stop ## Stop the stack and remove its data, .venv and the compiled DAGs
	@# STACK_DIR may name any directory: it is removed only if a stack has been started in it.
	@if [ -e "$(STACK_STATE)/ports.json" ]; then echo "Removing $(STACK_STATE)"; rm -rf "$(STACK_STATE)"; fi
	rm -rf dags/compiled .venv .local/uv .local/uv-cache .local/bootstrap.lock .local/compat .local/dist
	@rmdir .local 2>/dev/null || true

new-flow: install ## Write a small flow that works, and its test (NAME=churn)
	@$(VENV_PYTHON) -m local.pipeline.new_flow

# Files in the order of their names: xdist would start those with few tests last, even if they take long.
test: install ## Run the tests that need nothing but this checkout, the pipeline end to end included
	@$(VENV_PYTHON) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder tests packages/metaflow-airflow/tests

test-engine: install ## Run the long tests: the engine on a running Airflow, and the local stack, whose processes are killed
	@$(VENV_PYTHON) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder tests/stack packages/metaflow-airflow/tests/on_airflow

test-real-trips: install ## Test the models and the data pipeline on real trips (TLC=<folder>)
	@[ -n "$(TLC)" ] || { echo "Name a folder with TLC's trip records as CSV files: TLC=<folder> make test-real-trips. To get some: $(VENV_PYTHON) tests/download_trips.py <folder>" >&2; exit 1; }
	@$(VENV_PYTHON) -m pytest --numprocesses 2 --dist loadfile --tlc "$(TLC)" -m real_trips tests

test-compat: install ## Run the engine's wheel on each Airflow that it supports (COMPAT_PYTHON=<another Python>)
	@$(VENV_PYTHON) -m pytest packages/metaflow-airflow/tests/compat

package: install ## Build the engine's wheel and source distribution into .local/dist, and check them
	@rm -rf .local/dist
	@$(VENV_PYTHON) -m build --no-isolation --outdir .local/dist packages/metaflow-airflow
	@$(VENV_PYTHON) -m twine check --strict .local/dist/*
	@$(VENV_PYTHON) -m pytest packages/metaflow-airflow/tests/package

test-kubernetes: install ## Run the tests that need a cluster (KUBECONFIG, METAFLOW_SERVICE_URL)
	@$(VENV_PYTHON) -m pytest packages/metaflow-airflow/tests/kubernetes

test-containers: install ## Start the project as by `astro dev start` and test it (ASTRO_START, ASTRO_REMOVE)
	@$(VENV_PYTHON) -m pytest tests/containers

deploy-check: ## Build the image for Astro with the flows compiled for the target of DEPLOY_ENV (.env), and test it
	@[ -f "$(DEPLOY_ENV)" ] || { echo "There is no $(DEPLOY_ENV): copy .env.example to it and fill in your deployment's settings, or name your file with DEPLOY_ENV=... make deploy-check." >&2; exit 1; }
	docker build --quiet --tag $(DEPLOY_IMAGE) .
	@# Compiled with the versions of the image, with this user's permissions, into this folder's dags/compiled/ …
	@docker run --rm $(DEPLOY_OPTIONS) --env-file "$(DEPLOY_ENV)" --env USER=deployment --env HOME=/tmp \
	  --env METAFLOW_ARTIFACT_LOCALROOT=/tmp --user "$$(id -u):0" --volume "$$PWD/dags:/usr/local/airflow/dags" \
	  --volume "$$PWD/compose:/compose:ro" $(DEPLOY_IMAGE) sh /compose/compile_flows.sh
	@# … and from there into the image, as `astro deploy` does.
	docker build --quiet --tag $(DEPLOY_IMAGE) .
	docker run --rm $(DEPLOY_IMAGE) pytest -p no:cacheprovider tests/dags .astro
	@echo "$(DEPLOY_IMAGE) is what \`astro deploy\` sends. Next: astro deploy"

lint: install ## Check style, types, SQL and the GitHub workflows
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy
	@[ ! -d include/dbt ] || $(VENV_PYTHON) -m sqlfluff lint include/dbt
	@.venv/bin/zizmor --offline --quiet .github

bench: install ## Measure the engine: parsing compiled DAG files, and runs compared with `python flow.py run`
	@$(VENV_PYTHON) packages/metaflow-airflow/benchmarks/parse.py
	@PYTHONPATH=. $(VENV_PYTHON) packages/metaflow-airflow/benchmarks/steps.py

conformance: install ## Run the core suite of a Metaflow checkout on Airflow (METAFLOW=<checkout>)
	@PYTHONPATH=. $(VENV_PYTHON) packages/metaflow-airflow/conformance/core_suite.py "$(METAFLOW)"

constraints: install ## Update constraints.txt after a change of requirements, keeping the versions that still fit
	@$(VENV_PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --group local --group dev \
	  --no-emit-package metaflow-airflow requirements.txt packages/metaflow-airflow/pyproject.toml --output-file constraints.txt
	@sed -i.old '1i\
	# Every version the project runs with, for Python 3.11 to 3.13. Made by `make constraints`; do not edit.' \
	  constraints.txt && rm constraints.txt.old
	@$(VENV_PYTHON) packages/metaflow-airflow/tests/compat/airflow_versions.py .local/uv/bin/uv

# `astro dev start --standalone` changes .venv and `astro dev kill` removes it. To show or stop a stack that is still
# running, its packages are needed again.
reinstall-if-running:
	@$(IS_INSTALLED) || [ ! -e "$(STACK_STATE)/supervisord.pid" ] || $(MAKE) --no-print-directory install

install:
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no $(PYTHON) on this machine: install Python 3.11, 3.12 or 3.13, or name yours with PYTHON=... make run." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 9))' || { echo "$(PYTHON) is too old: install Python 3.11, 3.12 or 3.13, or name yours with PYTHON=... make run." >&2; exit 1; }
	@"$(PYTHON)" local/bootstrap.py
