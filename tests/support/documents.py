"""The project's Markdown documents: their code blocks, code spans, links and headings."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from local.stack.settings import REPOSITORY

ENGINE = REPOSITORY / "packages/metaflow-airflow"
DOCUMENTS = sorted(
    [
        *REPOSITORY.glob("*.md"),
        *(REPOSITORY / ".github").rglob("*.md"),
        *(REPOSITORY / "docs").glob("*.md"),
        *ENGINE.glob("*.md"),
        *(ENGINE / "docs").glob("*.md"),
    ]
)
TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced code block: its `language`, its file name (`title="…"`, or empty), its text and place."""

    document: Path
    line: int
    language: str
    title: str
    text: str

    def __str__(self) -> str:
        return f"{name_of(self.document)}:{self.line}"


def name_of(document: Path) -> str:
    """Return a document's path in the repository."""
    return document.relative_to(REPOSITORY).as_posix()


def blocks_of(document: Path) -> list[Block]:
    """Return the fenced code blocks of a document."""
    return [
        Block(document, token.map[0] + 1, *_language_and_title(token.info), token.content)
        for token in _tokens(document)
        if token.type == "fence" and token.map
    ]


def spans_of(document: Path) -> list[str]:
    """Return the text of each code span (`like this`) of a document."""
    return [token.content for token in _tokens(document) if token.type == "code_inline"]


def code_of(document: Path) -> str:
    """Return all code of a document, in blocks and in spans."""
    return "\n".join([*spans_of(document), *(block.text for block in blocks_of(document))])


def commands_of(document: Path) -> list[str]:
    """Return the shell commands that a document shows, without their comments."""
    lines = [
        line
        for block in blocks_of(document)
        if block.language == "bash"
        for line in block.text.replace("\\\n", " ").splitlines()
    ]
    return [command for line in [*lines, *spans_of(document)] if (command := re.sub(r"(^|\s)#.*", "", line))]


def links_of(document: Path) -> list[str]:
    """Return the target of each link and image of a document."""
    return [
        str(token.attrs["href" if token.type == "link_open" else "src"])
        for token in _tokens(document)
        if token.type in ("link_open", "image")
    ]


def anchors_of(document: Path) -> set[str]:
    """Return the anchors that GitHub gives to a document's headings."""
    headings = [
        text.content for heading, text in pairwise(_tokens(document)) if heading.type == "heading_open"
    ]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def make_targets() -> set[str]:
    """Return the targets of the Makefile."""
    return set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))


def _language_and_title(info: str) -> tuple[str, str]:
    title = TITLE.search(info)
    return info.partition(" ")[0], title.group(1) if title else ""


@cache
def _tokens(document: Path) -> list[Token]:
    """Return a document's tokens, each followed by those of the text inside it."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(document.read_text())
    return [each for token in tokens for each in (token, *(token.children or []))]
