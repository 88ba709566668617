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


def test_each_page_of_the_engine_is_linked_from_its_readme():
    pages = {document for document in DOCUMENTS if document.parent.name == "docs"}
    assert pages
    readme = next(
        document for document in DOCUMENTS if name_of(document) == "packages/metaflow-airflow/README.md"
    )
    linked = {(readme.parent / link).resolve() for link in links_of(readme) if "://" not in link}
    assert pages - linked == set()
