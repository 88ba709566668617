"""Links between the documents lead somewhere."""

import pytest

from tests.support.documents import DOCUMENTS, anchors_of, links_of, name_of


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_between_documents_resolve(document):
    broken = []
    for link in links_of(document):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if "://" in link or link.startswith("mailto:"):
            continue
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)
    assert broken == []


PAGES = [document for document in DOCUMENTS if document.parent.name == "docs"]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_each_page_is_linked_from_the_readme_beside_its_folder(page):
    readme = page.parent.parent / "README.md"
    assert page in {(readme.parent / link).resolve() for link in links_of(readme) if "://" not in link}
