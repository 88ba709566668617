"""Airflow's official REST client, of which only the parts are imported that somebody uses.

Its packages import all of their more than 200 modules, which takes longer than all else that a command does.
"""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

# Each after the one that it is in.
PACKAGES = ("airflow_client.client", "airflow_client.client.models", "airflow_client.client.api")


class _Package(ModuleType):
    """A package whose own code runs only when something is asked of it that no module of it brought yet."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        for loaded, module in list(sys.modules.items()):
            if loaded.startswith(f"{self.__name__}.") and name in vars(module):
                return vars(module)[name]
        if importlib.util.find_spec(f"{self.__name__}.{name}"):
            return importlib.import_module(f"{self.__name__}.{name}")
        self.__class__ = ModuleType  # type: ignore[assignment]
        return getattr(importlib.reload(self), name)


def import_parts_only() -> None:
    """Have the client's modules imported one by one. Raises ImportError if it is not installed."""
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
