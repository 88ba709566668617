"""Save: the code package and the included files go to the datastore; the later stages get their paths."""

from typing import Any

from metaflow_airflow.compiler.datastore import require_datastore
from metaflow_airflow.compiler.deployment import SavedFiles
from metaflow_airflow.compiler.save_included import save_included_files
from metaflow_airflow.compiler.save_package import save_package


def save_files(state: Any, *, upload: bool = True) -> SavedFiles:
    """Save what a run needs, and return where it is.

    Args:
        state: The object of Metaflow's command line.
        upload: Without it nothing is uploaded; the result is the same.

    Raises:
        NoDatastore: The datastore does not answer.
    """
    if upload:
        require_datastore(state)
    return SavedFiles(save_package(state, upload=upload), save_included_files(state, upload=upload))
