"""The flow that a compiled DAG runs."""

from dataclasses import dataclass, field
from typing import Any

from airflow.sdk import Param


@dataclass(frozen=True, slots=True)
class Flow:
    """A Metaflow flow and the code package that contains it.

    :param name: the flow's name
    :param file: the flow's file inside the code package
    :param package: the code package's path below the datastore root; its last part is the package's SHA-1
    :param environment: Metaflow's environment (`conda`, `pypi`) if steps have packages of their own
    :param included: by parameter, its default file: `path` below the root of Metaflow's data files, `size` in
        bytes, and how to read it (`is_text`, `encoding`)
    :param production_token: Metaflow's production token
    :param branch: the branch of a flow with `@project`, as in `current.branch_name`: `prod`, `prod.<name>`,
        `test.<name>` or `user.<name>`
    :param tags: tags of the Metaflow run
    :param namespace: Metaflow's namespace of the run
    :param params: the parameters of a flow that is a task group; a flow that is a DAG has the DAG's
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
    params: dict[str, Param] = field(default_factory=dict)

    def __deepcopy__(self, memo: dict[int, object]) -> "Flow":
        """Return the flow itself: it is immutable, and a copied Param forgets that it has no default."""
        return self
