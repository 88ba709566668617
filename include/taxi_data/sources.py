"""Listing the files that a user's sources of raw data stand for."""

import glob
import re
from fnmatch import fnmatchcase
from pathlib import Path

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from botocore.exceptions import ClientError, ParamValidationError

from include.taxi_access import may_read
from include.taxi_data.errors import BadSourceError, NotAllowedError
from include.taxi_data.sample import SAMPLE_FILES
from include.taxi_data.storage import CONNECTION

DATA_FILES = (".csv", ".csv.gz", ".parquet")
"""Endings of the files that a directory is searched for."""
WILDCARD = re.compile(r"[*?[]")


def list_files(sources: list[str]) -> list[str]:
    """Return the addresses of all files that the sources stand for, in order; without sources, the sample's.

    A source is a path, directory or glob on the worker, or an s3:// or http(s):// address; an s3:// address
    may also be that of a directory or contain wildcards. Raises BadSourceError for a source without files,
    and for a path that runs may not read.
    """
    if not sources:
        return list(SAMPLE_FILES)
    return [file for source in sources for file in _files_of(source)]


def list_skipped(sources: list[str]) -> list[str]:
    """Return the addresses of what `list_files` leaves out in the directories among the sources.

    These are files with other endings, hidden files, and directories, whose addresses end with a slash.
    """
    return [skipped for source in sources for skipped in _skipped_in(source)]


def _skipped_in(source: str) -> list[str]:
    scheme, separator, rest = source.partition("://")
    if not separator and Path(source).is_dir():
        entries = sorted(Path(source).iterdir())
        return [f"{e}/" if e.is_dir() else str(e) for e in entries if e.is_dir() or not _is_data(e.name)]
    if scheme.lower() != "s3" or WILDCARD.search(source):
        return []
    bucket, _, key = rest.partition("/")
    hook = S3Hook(CONNECTION)
    if key and not key.endswith("/") and hook.check_for_key(key, bucket):
        return []
    prefix = f"{key.rstrip('/')}/" if key else ""
    names = hook.list_keys(bucket, prefix=prefix, delimiter="/")
    names = [name for name in names if name != prefix and not _is_data(name)]
    return [f"s3://{bucket}/{name}" for name in sorted([*names, *hook.list_prefixes(bucket, prefix, "/")])]


def _files_of(source: str) -> list[str]:
    scheme, separator, rest = source.partition("://")
    if not separator:
        try:
            return _local_files(source)
        except (OSError, ValueError) as error:  # the latter for a path with a null character
            reason = getattr(error, "strerror", error)
            raise BadSourceError(source, f"cannot be looked up ({reason}): check the path") from None
    match scheme.lower():
        case "s3":
            return _s3_files(source, rest)
        case "http" | "https" | "sample":
            return [source]
    raise BadSourceError(source, "is neither a path nor an s3://, http:// or https:// address")


def _local_files(source: str) -> list[str]:
    path = Path(source)
    if not may_read(path):  # before anything else, which would tell whether it exists
        raise NotAllowedError(source)
    if path.is_dir():
        files = [str(file) for file in sorted(path.iterdir()) if file.is_file() and _is_data(file.name)]
        return files or _nothing_in(source)
    if path.exists():  # checked before wildcards: a name may contain brackets
        return [source]
    if glob.has_magic(source):
        found = glob.glob(source, recursive=True)  # noqa: PTH207, Path.glob takes no absolute pattern
        if any(not may_read(match) for match in found):
            raise NotAllowedError(source)
        return sorted(match for match in found if Path(match).is_file()) or _nothing_matches(source)
    raise BadSourceError(source, f"does not exist (looked for {path.absolute()}): check the path")


def _s3_files(source: str, rest: str) -> list[str]:
    bucket, _, key = rest.partition("/")
    hook = S3Hook(CONNECTION)
    try:
        if key and not key.endswith("/") and hook.check_for_key(key, bucket):
            return [source]
        if wildcard := WILDCARD.search(key):
            found = hook.list_keys(bucket, prefix=key[: wildcard.start()])
            matches = [f"s3://{bucket}/{match}" for match in sorted(found) if fnmatchcase(match, key)]
            return matches or _nothing_matches(source)
        prefix = f"{key.rstrip('/')}/" if key else ""
        keys = [name for name in hook.list_keys(bucket, prefix=prefix, delimiter="/") if _is_data(name)]
    except ClientError as error:
        reason = error.response["Error"].get("Message") or error.response["Error"]["Code"]
        raise BadSourceError(
            source, f"cannot be read with connection {CONNECTION} ({reason}): check address and permissions"
        ) from None
    except ParamValidationError:
        raise BadSourceError(source, "is not a valid S3 address: check the name of the bucket") from None
    if not keys:
        raise BadSourceError(
            source, f"is neither an object nor a directory with {_kinds()} files: check the address"
        )
    return [f"s3://{bucket}/{name}" for name in sorted(keys)]


def _is_data(name: str) -> bool:
    base = name.rpartition("/")[2].lower()
    return base.endswith(DATA_FILES) and not base.startswith(".")


def _kinds() -> str:
    return ", ".join(DATA_FILES)


def _nothing_in(source: str) -> list[str]:
    raise BadSourceError(
        source, f"is a directory without {_kinds()} files: name one that contains trip records"
    )


def _nothing_matches(source: str) -> list[str]:
    raise BadSourceError(source, "matches no file: check the pattern")
