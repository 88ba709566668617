#!/bin/sh
# Creates the buckets and compiles the flows into dags/compiled/, with the packages that constraints.txt pins.
set -eu
cd /project
installed=$(cat constraints.txt include/step_image/requirements.txt packages/metaflow-airflow/pyproject.toml | sha256sum)
if [ "$installed" != "$(cat /venv/installed 2>/dev/null)" ]; then
  echo "Installing the packages of the flows (a few minutes the first time) ..."
  python -m venv /venv
  /venv/bin/pip install --quiet --no-cache-dir --disable-pip-version-check --constraint constraints.txt \
    --requirement include/step_image/requirements.txt --editable packages/metaflow-airflow
  echo "$installed" > /venv/installed
fi
export PATH="/venv/bin:$PATH"
python -m compose.create_buckets
sh compose/compile_flows.sh
# The owner of the project owns the compiled files, too.
chown -R --reference dags dags/compiled
