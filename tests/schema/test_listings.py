"""Titles and listings through the schema, as a lessor and an operator use them."""

from typing import Any

import pytest

from tests.schema.selections import object_type, selection
from tests.schema.statements import counted
from tests.schema.town import Town

NEW = """
mutation ($input: CreateListingInput!, $key: String!) {
  it: createListing(input: $input, idempotencyKey: $key) {
    __typename
    ... on ListingCreated { listing %s }
    ... on InvalidInput { field message }
  }
}""" % selection(object_type("Listing"))  # noqa: UP031 - braces

VERB = """
mutation ($id: ID!, $key: String!) {{
  it: {verb}(listingId: $id, idempotencyKey: $key{more}) {{
    __typename ... on ListingUpdated {{ listing {{ state version }} }} ... on Conflict {{ code }}
  }}
}}"""


async def do(town: Town, who: str, verb: str, listing: str, more: str = "") -> Any:
    """What a verb on a listing answers."""
    query = VERB.format(verb=verb, more=more)
    return (await town.ask(who, query, id=listing, key=town.fresh_key()))["it"]


def wanted(town: Town, organisation: str, place: str, **more: Any) -> dict[str, Any]:
    return {
        "organisationId": town.ids[organisation], "placeId": town.ids[place], "name": "Nights",
        "spaceIds": [town.ids[f"{place}-2"]], "rateTableId": town.ids[f"{organisation}-rates"],
    } | more  # fmt: skip


FULL: dict[str, Any] = {
    "mode": "ASK", "audience": "PLATES", "plates": ["b-mw 1"], "stayMinutesMin": 60,
    "stayMinutesMax": 600, "leadMinutes": 30, "horizonDays": 20, "turnoverMinutes": 10,
    "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2027-01-01T00:00:00Z",
    "cancellation": {
        "reconsiderMinutes": 60, "reconsiderLeadMinutes": 1440, "feeMinor": 100,
        "tiers": [{"minutesBefore": 1440, "percent": 50, "bound": "MORE_THAN"}],
    },
    "windows": [
        {"weekdays": ["SATURDAY", "MONDAY"], "minuteFrom": 1320, "minuteUntil": 1800,
         "lastDate": "2026-12-31"},
    ],
    "exceptions": [
        {"kind": "CLOSED", "localFrom": "2026-12-24T18:00", "localUntil": "2026-12-27T00:00",
         "note": "Christmas"},
    ],
}  # fmt: skip


async def test_a_listing_reads_as_it_was_given_and_is_made_once(town: Town) -> None:
    given, key = wanted(town, "harbour", "garage", **FULL), town.fresh_key()
    first = await town.ask("operator", NEW, input=given, key=key)
    assert first == await town.ask("operator", NEW, input=given, key=key)
    listing = first["it"]["listing"]
    same = {
        name: value for name, value in FULL.items()
        if name not in ("plates", "windows", "exceptions", "cancellation")
    }  # fmt: skip
    assert {name: listing[name] for name in same} == same
    assert listing["plates"] == ["BMW1"]
    assert (listing["state"], listing["version"], listing["spaceCount"]) == ("DRAFT", 1, 1)
    [window], [exception] = listing["windows"], listing["exceptions"]
    assert (window["weekdays"], window["firstDate"], window["lastDate"]) == (
        ["MONDAY", "SATURDAY"], None, "2026-12-31",
    )  # fmt: skip
    assert (exception["localFrom"], exception["note"]) == ("2026-12-24T18:00", "Christmas")
    assert listing["cancellation"]["tiers"][0]["bound"] == "MORE_THAN"
    assert listing["cancellation"]["graceMinutes"] == 10
    assert listing["lessorName"] == "harbour company"


async def test_what_is_wrong_is_named_by_its_path(town: Town) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"windows": [{"weekdays": [], "minuteFrom": 0, "minuteUntil": 1}]}, "windows.0.weekdays"),
        (
            {"exceptions": [{"kind": "OPEN", "localFrom": "noon", "localUntil": "x"}]},
            "exceptions.0.localFrom",
        ),
        ({"cancellation": {"unusedPercent": 101}}, "cancellation.unusedPercent"),
        ({"stayMinutesMin": 0}, "stayMinutesMin"),
    ]
    for more, field in cases:
        given = wanted(town, "harbour", "garage", **more)
        found = await town.ask("operator", NEW, input=given, key=town.fresh_key())
        assert (found["it"]["__typename"], found["it"]["field"]) == ("InvalidInput", field)


TITLES = """
mutation ($ids: [ID!]!, $key: String!) {{
  it: {verb}(titleIds: $ids, {more}idempotencyKey: $key) {{
    __typename ... on TitlesDecided {{ titles {{ state reason }} }}
  }}
}}"""


async def decide(town: Town, verb: str, title: str, reason: str = "") -> Any:
    """What the operator of the garage decides."""
    more = f'reason: "{reason}", ' if reason else ""
    query = TITLES.format(verb=verb, more=more)
    return (await town.ask("operator", query, ids=[title], key=town.fresh_key()))["it"]


async def test_a_title_lets_another_organisation_offer_a_space(town: Town) -> None:
    asked = await town.ask(
        "stranger",
        "mutation ($org: ID!, $space: ID!) { it: requestTitles(organisationId: $org, spaceIds:"
        ' [$space], documentReference: "Deed 7", idempotencyKey: "t") {'
        " ... on TitlesRequested { titles { id state space { number } } } } }",
        org=town.ids["hill"], space=town.ids["garage-2"],
    )  # fmt: skip
    [title] = asked["it"]["titles"]
    made = await town.ask(
        "stranger", NEW, input=wanted(town, "hill", "garage"), key=town.fresh_key()
    )
    listing = made["it"]["listing"]["id"]
    refused = await do(town, "stranger", "activateListing", listing)
    assert refused == {"__typename": "Conflict", "code": "TITLE_MISSING"}
    assert (await decide(town, "approveTitles", title["id"]))["titles"][0]["state"] == "APPROVED"
    assert (await do(town, "stranger", "activateListing", listing))["listing"]["state"] == "ACTIVE"
    seen = await town.ask("driver", "query ($id: ID!) { listing(id: $id) { name } }", id=listing)
    assert seen == {"listing": {"name": "Nights"}}
    assert (await decide(town, "revokeTitles", title["id"], "sold"))["titles"] == [
        {"state": "REVOKED", "reason": "sold"}
    ]
    gone = await town.ask("driver", "query ($id: ID!) { listing(id: $id) { name } }", id=listing)
    assert gone == {"listing": None}


OPENINGS = """
query ($id: ID!, $from: DateTime!, $until: DateTime!) {
  listing(id: $id) { openings(startsAt: $from, endsAt: $until) { startsAt endsAt } }
}"""
CALENDAR = """
mutation ($id: ID!, $content: String!, $key: String!, $dry: Boolean!) {
  it: importListingCalendar(listingId: $id, content: $content, dryRun: $dry, idempotencyKey: $key) {
    ... on ListingCalendarImported {
      isWritten windowsCount exceptionsCount problems { line uid code isWarning }
      listing { version }
    }
  }
}"""


async def openings(town: Town, listing: str, start: str, end: str) -> list[tuple[str, str]]:
    found = await town.ask("operator", OPENINGS, **{"id": listing, "from": start, "until": end})
    return [(each["startsAt"], each["endsAt"]) for each in found["listing"]["openings"]]


async def test_a_calendar_goes_out_and_in_with_the_same_openings(town: Town) -> None:
    weekly = {"windows": FULL["windows"], "exceptions": FULL["exceptions"]}
    given = wanted(town, "harbour", "garage", **weekly)
    made = (await town.ask("operator", NEW, input=given, key="n"))["it"]["listing"]
    period = ("2026-10-20T00:00:00Z", "2027-01-20T00:00:00Z")
    before = await openings(town, made["id"], *period)
    # On the night to 25 October the clocks go back: 9 hours instead of 8.
    assert ("2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z") in before
    other = town.ids["garage-listing"]
    taken = await town.ask(
        "operator", CALENDAR, id=other, content=made["calendar"], key="c", dry=False
    )
    assert taken["it"] == {
        "isWritten": True, "windowsCount": 1, "exceptionsCount": 1, "problems": [],
        "listing": {"version": 2},
    }  # fmt: skip
    assert await openings(town, other, *period) == before
    wrong = made["calendar"].replace("FREQ=WEEKLY", "FREQ=HOURLY")
    tried = await town.ask("operator", CALENDAR, id=other, content=wrong, key="d", dry=False)
    [problem] = tried["it"]["problems"]
    assert (tried["it"]["isWritten"], problem["code"]) == (False, "RRULE_UNSUPPORTED")
    assert made["calendar"].splitlines()[problem["line"] - 1] == "BEGIN:VEVENT"


async def test_periods_of_openings_have_a_limit_and_an_order(town: Town) -> None:
    for start, end in (
        ("2026-01-01T00:00:00Z", "2027-01-03T00:00:00Z"),
        ("2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"),
    ):
        variables = {"id": town.ids["garage-listing"], "from": start, "until": end}
        result = await town.execute("driver", OPENINGS, **variables)
        assert result.errors[0].extensions == {"code": "INVALID_INPUT", "field": "endsAt"}


async def test_a_pause_and_an_end_through_the_schema(town: Town) -> None:
    listing = town.ids["garage-listing"]
    told = [
        (await do(town, "operator", f"{verb}Listing", listing)).get("listing", {}).get("state")
        for verb in ("pause", "activate", "withdraw", "activate")
    ]
    assert told == ["PAUSED", "ACTIVE", "WITHDRAWN", None]


PAGE = "query ($id: ID!) { place(id: $id) { listings { nodes { %s } } } }"
COSTS = [
    ("name windows { minuteFrom } exceptions { note }", 4),
    ("lessorName rateTable { name } spaceCount plates", 7),
    ("spaces { nodes { number } } place { name }", 5),
]


@pytest.mark.parametrize(("selected", "statements_max"), COSTS)
async def test_statements_do_not_grow_with_the_listings(
    town: Town, selected: str, statements_max: int
) -> None:
    counts = []
    for _ in range(2):
        with counted() as statements:
            await town.ask("operator", PAGE % selected, id=town.ids["garage"])
        counts.append(len(statements))
        for _ in range(3):
            given = wanted(town, "harbour", "garage")
            await town.ask("operator", NEW, input=given, key=town.fresh_key())
    assert counts[0] == counts[1] <= statements_max


async def test_pages_go_on_and_a_foreign_cursor_is_refused(town: Town) -> None:
    query = "query ($after: String) { listings(first: 2, after: $after) { nodes { name } pageInfo"
    query += " { hasNextPage endCursor } } }"
    first = (await town.ask("operator", query))["listings"]
    rest = (await town.ask("operator", query, after=first["pageInfo"]["endCursor"]))["listings"]
    names = [node["name"] for page in (first, rest) for node in page["nodes"]]
    assert names == ["garage-listing", "yard-listing", "garage-draft"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    places = await town.ask("operator", "{ places(first: 1) { pageInfo { endCursor } } }")
    foreign = places["places"]["pageInfo"]["endCursor"]
    result = await town.execute("operator", query, after=foreign)
    assert result.errors[0].extensions == {"code": "CURSOR_INVALID"}
