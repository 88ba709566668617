"""The operators that a compiled DAG imports. Importing them loads neither Metaflow nor Kubernetes."""

from metaflow_airflow.operators.exit_hook import ExitHookOperator
from metaflow_airflow.operators.flow import Flow
from metaflow_airflow.operators.foreach import Foreach
from metaflow_airflow.operators.step import StepOperator

__all__ = ["ExitHookOperator", "Flow", "Foreach", "StepOperator"]
