"""The operations of the driver's pages are the schema's, those that no browser test sends too."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from api.pages import exit_operations, finding_operations, grant_operations
from schema.schema import make_schema

STATIC = Path(__file__).parents[3] / "api" / "static"
CONSTANT = re.compile(r'const (\w+) = (?:"([^"]*)"|`([^`]*)`);')
DOCUMENT = re.compile(r"export const (\w+) = /\* GraphQL \*/ `([^`]*)`")


def scripted(name: str) -> dict[str, str]:
    """The documents in a page's `queries.js`, put together."""
    text = (STATIC / name / "queries.js").read_text()
    parts = {key: plain or long for key, plain, long in CONSTANT.findall(text)}
    return {
        f"{name}.{key}": re.sub(r"\$\{(\w+)\}", lambda found: parts[found[1]], document)
        for key, document in DOCUMENT.findall(text)
    }


def written() -> dict[str, str]:
    """Those of the pages that the server draws."""
    names = ("OFFER", "CLAIM", "EXIT", "PLAN", "REDEEM", "CANCEL")
    modules = (grant_operations, exit_operations)
    found = {name: getattr(m, name) for m in modules for name in names if hasattr(m, name)}
    own = {name: text for name, text in vars(finding_operations).items() if name[0].isupper()}
    return found | {name: text for name, text in own.items() if isinstance(text, str)}


@pytest.mark.parametrize(
    "documents",
    [
        written(),
        *map(scripted, ("driver", "vehicles", "orders", "positions", "refine")),
        *map(scripted, ("position_link", "invitation", "fetching")),
    ],
)
def test_they_are_the_schemas(documents: dict[str, str]) -> None:
    schema = make_schema()._schema
    assert documents
    for name, document in documents.items():
        assert validate(schema, parse(document)) == [], name
