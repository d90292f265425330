"""Each limit of an operation's shape: just within is answered, just over is told with its code."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.graphql.limits import Limits
from tests.api.graphql.served import Served, served

LIMITS = Limits(
    depth_max=4,
    aliases_max=3,
    repeats_max=118,
    directives_max=2,
    tokens_max=120,
    cost_max=700,
    page_size_max=100,
)


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Served]:
    async with served(limits=LIMITS) as server:
        yield server


def deep(levels: int) -> str:
    inner = "name"
    for _ in range(levels - 2):
        inner = f"parent {{ {inner} }}"
    return f'{{ place(id: "1") {{ {inner} }} }}'


def paged(size: Any, inside: str = "number") -> str:
    return f'{{ place(id: "1") {{ page(first: {size}) {{ {inside} }} }} }}'


def bomb(levels: int) -> str:
    """Fragments that spread the one before twice: 2^levels fields if one were careless."""
    parts = [f'{{ place(id: "1") {{ ...F{levels} }} }} fragment F0 on Place {{ name }}']
    for n in range(1, levels + 1):
        spread = f"...F{n - 1}"
        parts.append(f"fragment F{n} on Place {{ {spread} {spread} }}")
    return " ".join(parts)


OVER = {
    "depth": (deep(4), deep(5), "TOO_DEEP"),
    "depth in fragments": (
        'query { place(id: "1") { ...F } } fragment F on Place { parent { parent { name } } }',
        (
            'query { place(id: "1") { ...F } } '
            "fragment F on Place { parent { parent { parent { name } } } }"
        ),
        "TOO_DEEP",
    ),
    "depth in inline fragments": (
        'query { place(id: "1") { ... { ... { parent { parent { name } } } } } }',
        'query { place(id: "1") { ... { parent { ... { parent { parent { name } } } } } } }',
        "TOO_DEEP",
    ),
    "aliases": (
        "{ a: hello b: hello c: hello hello }",
        "{ a: hello b: hello c: hello d: hello }",
        "TOO_MANY_ALIASES",
    ),
    "directives": (
        "{ hello @include(if: true) @skip(if: false) }",
        "{ hello @include(if: true) @skip(if: false) __typename @skip(if: false) }",
        "TOO_MANY_DIRECTIVES",
    ),
    "tokens": ("{" + " hello" * 118 + "}", "{" + " hello" * 121 + "}", "TOO_MANY_TOKENS"),
    "comments": ("#\n" * 50 + "{ hello }", "#\n" * 130 + "{ hello }", "TOO_MANY_TOKENS"),
    "page size": (paged(100), paged(101), "PAGE_SIZE_OUT_OF_RANGE"),
    "negative page": (paged(0), paged(-1), "PAGE_SIZE_OUT_OF_RANGE"),
}


@pytest.mark.parametrize(("within", "over", "code"), OVER.values(), ids=OVER)
async def test_a_limit_holds_exactly(server: Served, within: str, over: str, code: str) -> None:
    assert "errors" not in await server.ask(within)
    told = await server.ask(over)
    assert told["errors"][0]["extensions"]["code"] == code


def nested(times: int) -> str:
    """Many pairs of fields, though no selection has more than a few."""
    inner = "parent { " + "name " * times + "} "
    return '{ place(id: "1") { ' + inner * times + "} }"


REPEATED = {
    "flat": "{" + " hello" * 41 + "}",
    "nested": nested(10),
    "fragments": "{" + "".join(f" ...F{n}" for n in range(41)) + "}"
    + "".join(f" fragment F{n} on Query {{ hello }}" for n in range(41)),
    "exponential": "{ ...F0 }" + "".join(
        f" fragment F{n} on Query {{ a: hello }} fragment P{n} on Place"
        f" {{ parent {{ ...P{n + 1} }} b{n}: parent {{ ...P{n + 1} }} }}" for n in range(25)
    ) + " fragment P25 on Place { name }",
}  # fmt: skip


@pytest.mark.parametrize("query", REPEATED.values(), ids=REPEATED)
async def test_fields_that_would_be_compared_in_too_many_pairs_are_refused(query: str) -> None:
    async with served() as server:
        assert "errors" not in await server.ask(nested(6))
        told = await server.ask(query)
    assert told["errors"][0]["extensions"]["code"] == "TOO_MANY_REPEATS"


BY_VARIABLE = """query($n: Int!) { place(id: "1") { parent { page(first: $n) { id } } } }"""


async def test_page_sizes_multiply_the_cost_of_what_is_inside() -> None:
    """Every object costs one: the place, its lists, and as many entries as are asked for."""
    async with served(limits=Limits(cost_max=3)) as server:
        assert "errors" not in await server.ask(paged(5))
        told = await server.ask('{ place(id: "1") { spaces { number } parent { name } } }')
        assert "errors" not in told
        told = await server.ask('{ place(id: "1") { parent { page { id } parent { id } } } }')
        assert "costs 4" in told["errors"][0]["message"]


async def test_a_page_size_in_a_variable_counts(server: Served) -> None:
    told = await server.ask(BY_VARIABLE, variables={"n": 101})
    assert told["errors"][0]["extensions"]["code"] == "PAGE_SIZE_OUT_OF_RANGE"
    assert "errors" not in await server.ask(BY_VARIABLE, variables={"n": 100})


@pytest.mark.parametrize(
    "query",
    [
        "{" + "place(id: 1) {" * 1_000,
        "{ a" + "{ a" * 900 + " }" * 901,
        "{ hello(name: " + "[" * 1_500 + "]" * 1_500 + ") }",
        "query(" + "$a: [" * 500 + "Int" + "]" * 500 + ") { hello }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    ],
    ids=["open", "nested", "lists", "types", "circle"],
)
async def test_a_hostile_document_is_refused_quietly(query: str) -> None:
    async with served() as server:
        answer = await server.http.post(
            server.url,
            json={"query": query},
            headers={"accept": "application/graphql-response+json"},
        )
        assert answer.status_code == 400


async def test_spreading_twice_again_and_again_takes_no_time() -> None:
    """A fragment bomb of 2^60 fields is answered like one field."""
    async with served() as server:
        assert (await server.ask(bomb(60)))["data"] == {"place": {"name": "Süd 停车场"}}
