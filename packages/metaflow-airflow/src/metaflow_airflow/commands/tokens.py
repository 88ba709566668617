"""Production tokens: who may replace a deployed flow, and the namespace of its runs; stored in the DAG file.

Metaflow makes a random first token. A compiled file must be the same wherever it is compiled, so here the
first token follows from the deployment's name, and protects nothing until a user generates another one.
"""

import hashlib

from metaflow.exception import MetaflowException
from metaflow.plugins.aws.step_functions.production_token import load_token, store_token

MOST_TOKENS = 10_000  # of one deployment
NAMESPACE = "production:"


class IncorrectProductionToken(MetaflowException):
    """The deployed flow is protected by a token that was not given."""

    headline = "Incorrect production token"


def token_number(prefix: str, number: int) -> str:
    """Return a deployment's token of this number, counted from 0."""
    stem = f"{prefix}-{number}"
    return f"{stem}-{hashlib.sha256(stem.encode()).hexdigest()[:4]}"


def next_token(prefix: str, token: str | None) -> str:
    """Return the token that follows this one, the first one if it is None.

    Raises:
        MetaflowException: The token was chosen by a user, so no other follows it.
    """
    if token is None:
        return token_number(prefix, 0)
    stem = token.removeprefix(f"{prefix}-").partition("-")[0]
    number = int(stem) if stem.isdecimal() else MOST_TOKENS
    if number >= MOST_TOKENS or token != token_number(prefix, number):
        raise MetaflowException(
            f"--generate-new-token cannot follow the token {token!r}, which was set with --new-token: "
            "set the next one with --new-token, too."
        )
    return token_number(prefix, number + 1)


def require_authority(prefix: str, deployed: str | None, given: str | None, what: str) -> None:
    """Check that this user has the token of what is deployed; everybody has the first one.

    Args:
        prefix: The beginning of the deployment's tokens.
        deployed: The token of what is deployed, None if nothing is.
        given: The token that the user gave; if None, the one that Metaflow remembers.
        what: The action that needs the token, for the message.

    Raises:
        IncorrectProductionToken: The user does not have the token.
    """
    if deployed is None:
        return
    known = load_token(prefix) if given is None else given.removeprefix(NAMESPACE)
    if deployed not in (known, token_number(prefix, 0)):
        raise IncorrectProductionToken(
            f"{what} needs its production token: ask the person who deployed it for the token, and "
            "pass it with --authorize."
        )


def remember(prefix: str, token: str) -> None:
    """Save a token where Metaflow saves tokens, so the user need not give it again.

    Raises:
        MetaflowException: The file cannot be written.
    """
    try:
        store_token(prefix, token)
    except OSError as error:
        raise MetaflowException(
            f"The production token cannot be saved in {error.filename} ({error.strerror}): set "
            "METAFLOW_TOKEN_HOME to a directory that you can write to."
        ) from None


def choose_token(
    prefix: str, deployed: str | None, given: str | None, generate: bool, is_project: bool
) -> str:
    """Return the token to deploy with: the given one, the next one, the deployed one or else the first one.

    Args:
        prefix: The beginning of the deployment's tokens.
        deployed: The token of what is deployed, None if nothing is.
        given: The token that the user chose, if any.
        generate: Whether the user wants the next token.
        is_project: The flow has @project.

    Raises:
        MetaflowException: The options do not fit together, or do not fit the deployed token.
    """
    if given and is_project:
        raise MetaflowException(
            "--new-token is not supported for @projects, whose flows share one: use --generate-new-token."
        )
    if given:
        return given.removeprefix(NAMESPACE)
    return next_token(prefix, deployed) if generate or deployed is None else deployed
