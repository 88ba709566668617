#!/bin/sh
# Compiles every flow of the project in the current folder, include/<name>_flow.py, into dags/compiled/<name>_dag.py.
set -eu
mkdir -p dags/compiled
for flow in include/*_flow.py; do
  [ -e "$flow" ] || continue
  name=$(basename "$flow" _flow.py)
  python "$flow" airflow create "dags/compiled/${name}_dag.py"
done
# A flow that no longer exists must not go on running.
for dag in dags/compiled/*_dag.py; do
  name=$(basename "$dag" _dag.py)
  [ -e "include/${name}_flow.py" ] || rm -f "$dag"
done
