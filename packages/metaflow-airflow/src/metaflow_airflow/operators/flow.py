"""The flow that a compiled DAG runs."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from metaflow_airflow.run_ids import metaflow_run_id

if TYPE_CHECKING:
    from airflow.sdk import Param

__all__ = ["Flow", "metaflow_run_id"]


@dataclass(frozen=True, slots=True)
class Flow:
    """A Metaflow flow and the code that runs it.

    `file` is the flow's file inside the code package. `package` is the code package's path below the
    datastore root; its last part is the SHA-1 of the package. `included` are the files that parameters have
    as defaults: `path` below the root of Metaflow's data files, `size` in bytes, and how to read them
    (`is_text`, `encoding`). `environment` is Metaflow's environment, where its steps have packages of their
    own (`conda`, `pypi`). `production_token`, `tags` and `namespace` are Metaflow's. `branch` is the branch
    of a flow with `@project`, as `current.branch_name` says it: `prod`, `prod.<name>`, `test.<name>` or
    `user.<name>`. `params` are the parameters of a flow that is a task group; those of a flow that is a DAG
    are the DAG's.
    """

    name: str
    file: str
    package: str
    environment: str | None = None
    included: dict[str, dict[str, Any]] = field(default_factory=dict)
    production_token: str | None = None
    branch: str | None = None
    tags: tuple[str, ...] = ()
    namespace: str | None = None
    params: "dict[str, Param]" = field(default_factory=dict)

    def __deepcopy__(self, memo: dict[int, object]) -> "Flow":
        """Return the flow itself: it never changes, and a Param forgets in a copy that it has no default."""
        return self
