"""Production tokens: who may replace a deployed flow, and the namespace of its runs. Kept in the DAG file.

Metaflow's own first token is new for every deployer. A compiled file must be the same wherever it is made,
so here it follows from the deployment's name, and guards nothing until somebody asks for another one.
"""

import hashlib

from metaflow.exception import MetaflowException
from metaflow.plugins.aws.step_functions.production_token import load_token, store_token

MOST_TOKENS = 10_000
NAMESPACE = "production:"


class IncorrectProductionToken(MetaflowException):
    """The deployed flow is guarded by a token that was not given."""

    headline = "Incorrect production token"


def token_number(prefix: str, number: int) -> str:
    """Return the token of that number (from 0) for a deployment."""
    stem = f"{prefix}-{number}"
    return f"{stem}-{hashlib.sha256(stem.encode()).hexdigest()[:4]}"


def next_token(prefix: str, token: str | None) -> str:
    """Return the token after this one, the first after None. Raises MetaflowException if there is none."""
    if token is None:
        return token_number(prefix, 0)
    stem = token.removeprefix(f"{prefix}-").partition("-")[0]
    number = int(stem) if stem.isdecimal() else MOST_TOKENS
    if number >= MOST_TOKENS or token != token_number(prefix, number):
        raise MetaflowException(
            f"--generate-new-token cannot follow the token {token!r}, which was given by --new-token: "
            "name the next one with --new-token too."
        )
    return token_number(prefix, number + 1)


def require_authority(prefix: str, deployed: str | None, given: str | None, what: str) -> None:
    """Raise IncorrectProductionToken unless the deployed token was given or is known to this user.

    `what` says what is to be done, for the message. Everybody knows the first token of a deployment.
    """
    if deployed is None:
        return
    known = load_token(prefix) if given is None else given.removeprefix(NAMESPACE)
    if deployed not in (known, token_number(prefix, 0)):
        raise IncorrectProductionToken(
            f"{what} needs its production token: ask who deployed it, and give it with --authorize."
        )


def remember(prefix: str, token: str) -> None:
    """Keep a token where Metaflow keeps them, so that it need not be given again.

    Raises MetaflowException when nothing can be written there.
    """
    try:
        store_token(prefix, token)
    except OSError as error:
        raise MetaflowException(
            f"The production token cannot be kept in {error.filename} ({error.strerror}): name a directory "
            "of yours in METAFLOW_TOKEN_HOME."
        ) from None


def choose_token(
    prefix: str, deployed: str | None, given: str | None, generate: bool, is_project: bool
) -> str:
    """Return the token to deploy with: the given, the next, the deployed or else the first one."""
    if given and is_project:
        raise MetaflowException(
            "--new-token is not supported for @projects, whose flows share one: use --generate-new-token."
        )
    if given:
        return given.removeprefix(NAMESPACE)
    return next_token(prefix, deployed) if generate or deployed is None else deployed
