"""What the repository's files name, and what they must not name."""

import re
import subprocess

from local.stack.settings import REPOSITORY


def files_with(pattern: str, *but: str) -> set[str]:
    """Return the files whose text matches an extended regular expression, except those that globs match."""
    command = ["git", "grep", "--untracked", "--files-with-matches", "--extended-regexp", pattern, "--", "."]
    command += [f":(exclude,glob){glob}" for glob in but]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr  # 1: no file
    return set(done.stdout.splitlines())


def test_only_continuous_integration_uses_files_beside_the_checkout():
    pattern = r"\.\.[/]shared"  # which does not match itself
    assert files_with(pattern)
    assert files_with(pattern, ".ci/**") == set()


def test_flows_are_named_only_by_their_own_files_the_chain_tests_and_documents():
    files = list((REPOSITORY / "include").rglob("*_flow.py"))
    classes = [re.findall(r"^class (\w+)\(FlowSpec\)", file.read_text(), re.MULTILINE) for file in files]
    assert all(classes)
    names = [file.stem for file in files] + [name for found in classes for name in found]
    elsewhere = (
        files_with("|".join(names), "include/**/*_flow.py", "**/tests/**", "**/*.md") if names else set()
    )
    assert elsewhere <= {"dags/data_engineering_dag.py", "local/templates/taxi_example.txt"}
