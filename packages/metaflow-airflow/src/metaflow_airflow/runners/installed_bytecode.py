"""Bytecode for a step's own copy of Metaflow."""

import os
from contextlib import suppress
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import cache_from_source


def reuse_bytecode(copy: str, module: str, source: bytes) -> None:
    """Give the copy of a module the bytecode of the installed one, if both have the same source.

    Compiling Metaflow takes half a second. The installed bytecode is as trustworthy as the worker that uses
    it; bytecode that steps have left in a shared place would not be.

    Args:
        copy: The path of the copied file.
        module: Its path below an entry of `sys.path`.
        source: Its content.
    """
    package, _, name = module.partition("/")
    for location in _locations(package):
        installed = f"{location}/{name}"
        compiled = cache_from_source(installed)
        try:
            with open(compiled, "rb", buffering=0) as file:  # noqa: PTH123  (pathlib is too slow here)
                bytecode = file.read()
            with open(installed, "rb", buffering=0) as file:  # noqa: PTH123
                modified = os.fstat(file.fileno()).st_mtime_ns
                same = file.read() == source
        except OSError:
            continue
        if same:
            folder = f"{os.path.dirname(copy)}/__pycache__"  # noqa: PTH120
            with suppress(FileExistsError):
                os.mkdir(folder)  # noqa: PTH102
            with open(f"{folder}/{os.path.basename(compiled)}", "wb", buffering=0) as file:  # noqa: PTH119, PTH123
                file.write(bytecode)
            os.utime(copy, ns=(modified, modified))  # Python compares this time with that in the bytecode
            return


@cache
def _locations(package: str) -> tuple[str, ...]:
    """Return where this worker's Python would import a top-level package from, without importing it."""
    if not package.isidentifier():  # a file, which is in no package
        return ()
    spec = PathFinder.find_spec(package)
    return tuple(spec.submodule_search_locations or ()) if spec else ()
