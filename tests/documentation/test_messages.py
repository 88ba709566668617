"""The messages in the troubleshooting guide are those of the code."""

import ast
from functools import cache

import pytest
from markdown_it import MarkdownIt

from tests.support.documents import ENGINE

GUIDE = ENGINE / "docs/troubleshooting.md"
PLACEHOLDER = "…"


def messages():
    """Return the message in the first cell of each row of the guide's tables."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(GUIDE.read_text())
    cells = [tokens[index + 2] for index, token in enumerate(tokens) if token.type == "tr_open"]
    return [cell.children[0].content for cell in cells if cell.children[0].type == "code_inline"]


@cache
def texts_by_module():
    """Return the texts in each of the engine's modules, with a placeholder for each inserted value."""
    texts = {}
    for file in (ENGINE / "src").rglob("*.py"):
        tree = ast.parse(file.read_text())
        left_out = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):  # its parts are in its own text
                left_out.update(map(id, node.values))
            elif isinstance(node, ast.Expr):  # a docstring
                left_out.add(id(node.value))
        texts[file] = [
            text_of(node)
            for node in ast.walk(tree)
            if id(node) not in left_out and isinstance(node, ast.Constant | ast.JoinedStr)
        ]
    return texts


def text_of(node):
    if isinstance(node, ast.JoinedStr):
        return "".join(map(text_of, node.values))
    return str(node.value) if isinstance(node, ast.Constant) else PLACEHOLDER


def is_in_the_code(message):
    """Return whether one module has all fixed parts of a message."""
    parts = [part.strip() for part in message.split(PLACEHOLDER) if part.strip()]
    return any(
        all(any(part in text for text in texts) for part in parts) for texts in texts_by_module().values()
    )


@pytest.mark.parametrize("message", messages())
def test_messages_of_the_guide_are_in_the_code(message):
    assert is_in_the_code(message)


def test_a_message_that_is_not_in_the_code_is_found():
    assert len(messages()) > 30
    assert not is_in_the_code("The pod of step … ran away")
