"""What `berth up` prints once everything answers: where to look, and what to paste."""

import shlex
from typing import Any

from rich.table import Table
from rich.text import Text

from berth.console import SCREEN, natural_width, print_plain
from berth.together import Ready
from schema.ids import global_id

QUERY = "{ places { nodes { id name timeZone state counts { total available occupied } } } }"
SUBSCRIPTION = (
    "subscription Live($place: ID!) { placeOccupancy(placeId: $place) { ... on PlaceOccupancyUpdate"
    " { kind version state counts { available } spaces { number status } } } }"
)


def show(ready: Ready) -> None:
    """Print it for a person."""
    table = Table.grid(padding=(0, 2))
    for name, value in _where(ready):
        table.add_row(Text(name, "bold"), Text(value))
    SCREEN.print()
    SCREEN.print(Text("Berth is running.", "bold green"))
    SCREEN.print(table, width=max(SCREEN.width, natural_width(table)))
    if ready.tokens:
        _heading("A token for each demo role (Authorization: Bearer …), good for 12 hours")
        for role, token in ready.tokens.items():
            print_plain(f"{role.value.lower():<10} {token}")
    _heading("A query to paste")
    print_plain(query_command(ready))
    if ready.place_id is not None:
        _heading("A subscription to paste: a snapshot, then every change as it happens")
        print_plain(subscription_command(ready))
    SCREEN.print()
    SCREEN.print(Text("Ctrl-C ends everything; the data is kept.", "dim"))


def as_json(ready: Ready) -> dict[str, Any]:
    """The same for a program."""
    return {
        **dict(_where(ready)),
        "virtual devices": ready.has_devices,
        "tokens": {role.value: token for role, token in ready.tokens.items()},
        "query": query_command(ready),
        "subscription": None if ready.place_id is None else subscription_command(ready),
    }


def query_command(ready: Ready) -> str:
    """A `curl` command that asks for places."""
    body = f'{{"query": "{QUERY}"}}'
    return f"curl -s {ready.graphql} -H 'content-type: application/json' -d {shlex.quote(body)}"


def subscription_command(ready: Ready) -> str:
    """A `curl` command that follows a place, as server-sent events."""
    place = global_id("Place", ready.place_id or 0)
    body = f'{{"query": "{SUBSCRIPTION}", "variables": {{"place": "{place}"}}}}'
    return (
        f"curl -sN {ready.graphql} -H 'accept: text/event-stream'"
        f" -H 'content-type: application/json' -d {shlex.quote(body)}"
    )


def _where(ready: Ready) -> list[tuple[str, str]]:
    every = (
        ("dashboard", ready.dashboard),
        ("graphql", ready.graphql),
        ("graphiql", ready.graphiql),
        ("inbox", ready.inbox),
        ("a code to scan", ready.grant_page),
        ("an exit", ready.exit_page),
        ("a shop's orders", ready.orders_page),
        ("sms to Berth", ready.sms_inbox),
        ("its order hook", ready.order_hook),
        ("which signs with", ready.order_hook_secret),
        ("coap", ready.coap),
        ("data", ready.data),
    )
    return [(name, value) for name, value in every if value is not None]


def _heading(text: str) -> None:
    SCREEN.print()
    SCREEN.print(Text(text, "bold"))
