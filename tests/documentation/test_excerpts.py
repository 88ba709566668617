"""What counts as an excerpt of a file."""

import pytest

from tests.support.excerpts import is_excerpt

TEXT = "FLOW = Flow(\n    name='A',\n    package='A/1',\n)\n\nstart()\nend()\n"


@pytest.mark.parametrize(
    "excerpt", ["start()\nend()\n", "    package='…',\n)\n", "    name='A',\n...\nend()\n", "\nstart()\n"]
)
def test_excerpts(excerpt):
    assert is_excerpt(excerpt, TEXT)


@pytest.mark.parametrize(
    "excerpt", ["start()\n)\n", "name='A',\n", "    name='B',\n", "end()\n...\nstart()\n", "start()…end()\n"]
)
def test_what_is_no_excerpt(excerpt):
    assert not is_excerpt(excerpt, TEXT)
