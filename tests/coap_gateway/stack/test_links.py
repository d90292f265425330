"""RFC 6690: link format and its filters."""

import pytest

from coap_gateway.stack.links import Link, filtered, link_format

LINKS = [
    Link("/rd", {"rt": "core.rd", "ct": "40"}),
    Link("/dp", {"rt": "core.ps x.dp", "if": "sensor", "ct": "110 112"}),
    Link("/time", {}),
    Link("/cmd", {"obs": ""}),
]


@pytest.mark.parametrize(
    ("query", "targets"),
    [
        ((), ["/rd", "/dp", "/time", "/cmd"]),
        (("rt=*",), ["/rd", "/dp"]),
        (("rt=core.rd",), ["/rd"]),
        (("rt=core*",), ["/rd", "/dp"]),
        (("rt=x.dp",), ["/dp"]),
        (("rt=dp",), []),
        (("rt=core.rd*",), ["/rd"]),
        (("rt=",), []),
        (("ct=112",), ["/dp"]),
        (("ct=40",), ["/rd"]),
        (("if=sensor", "rt=x*"), ["/dp"]),
        (("if=sensor", "rt=core.rd"), []),
        (("obs=*",), ["/cmd"]),
        (("href=/d*",), ["/dp"]),
        (("href=/dp",), ["/dp"]),
        (("nonsense=*",), []),
        (("nonsense=1",), []),
        (("page",), ["/rd", "/dp", "/time", "/cmd"]),
    ],
)
def test_a_filter_keeps_the_links_that_have_the_value(
    query: tuple[str, ...], targets: list[str]
) -> None:
    assert [link.target for link in filtered(LINKS, query)] == targets


def test_link_format_quotes_values_and_leaves_numbers_and_flags_bare() -> None:
    text = link_format(LINKS).decode()
    assert text == (
        '</rd>;rt="core.rd";ct=40,</dp>;rt="core.ps x.dp";if="sensor";ct="110 112",'
        "</time>,</cmd>;obs"
    )


def test_quotes_in_a_value_are_escaped() -> None:
    assert link_format([Link("/a", {"title": 'x"y\\'})]) == b'</a>;title="x\\"y\\\\"'
