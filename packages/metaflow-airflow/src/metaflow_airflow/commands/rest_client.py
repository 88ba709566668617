"""Airflow's official REST client, imported in parts: only the modules that a command uses.

Its packages import all of their more than 200 modules, which takes longer than the rest of a command.
"""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

# Parents first.
PACKAGES = ("airflow_client.client", "airflow_client.client.models", "airflow_client.client.api")


class _Package(ModuleType):
    """A package whose `__init__` runs only for a name that none of its imported modules defines."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        for loaded, module in list(sys.modules.items()):
            if loaded.startswith(f"{self.__name__}.") and name in vars(module):
                return vars(module)[name]
        if importlib.util.find_spec(f"{self.__name__}.{name}"):
            return importlib.import_module(f"{self.__name__}.{name}")
        # Nothing is left but to run `__init__`; from then on the package is an ordinary one.
        self.__class__ = ModuleType  # type: ignore[assignment]
        return getattr(importlib.reload(self), name)


def import_parts_only() -> None:
    """Make imports of the client's modules import nothing else.

    Raises:
        ImportError: The client is not installed.
    """
    for name in PACKAGES:
        if name in sys.modules:
            continue
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise ImportError(f"No module named {name!r}", name=name)
        package = sys.modules[name] = importlib.util.module_from_spec(spec)
        package.__class__ = _Package
        parent, _, child = name.rpartition(".")
        setattr(sys.modules[parent], child, package)
