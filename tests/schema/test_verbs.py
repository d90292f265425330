"""What mutations do, and what they refuse, seen through the schema."""

from typing import Any

import pytest

from tests.schema.town import Town

REFUSED = "... on Refusal { code message } ... on InvalidInput { field }"


async def do(town: Town, call: str, told: str = "", who: str = "operator") -> dict[str, Any]:
    """Run one mutation and give its answer."""
    call = call.format(**town.ids)
    key = town.fresh_key()
    query = f'mutation {{ it: {call}, idempotencyKey: "{key}") {{ __typename {told} {REFUSED} }} }}'
    answer: dict[str, Any] = (await town.ask(who, query))["it"]
    return answer


async def test_a_place_is_made_filled_and_changed(town: Town) -> None:
    place = 'organisationId: "{harbour}", name: " New  lot ", kind: LOT, currency: "EUR"'
    made = await do(
        town, f'createPlace(input: {{{{{place}, timeZone: "Asia/Shanghai"}}}}',
        "... on PlaceCreated { place { id name timeZone version } }",
    )  # fmt: skip
    assert made["place"]["name"] == "New lot"
    town.ids["new"] = made["place"]["id"]
    spaces = await do(
        town,
        'createSpaces(placeId: "{new}", spaces: [{{number: "1"}}, {{number: "2", xMetres: 3}}]',
        "... on SpacesCreated { spaces { number plan { xMetres } status } }",
    )
    assert spaces["spaces"][1] == {"number": "2", "plan": {"xMetres": 3.0}, "status": "UNKNOWN"}
    changed = await do(
        town, 'updatePlace(input: {{placeId: "{new}", latitude: 31.2, longitude: 121.5}}',
        "... on PlaceUpdated { place { name position { latitude } counts { unknown } version } }",
    )  # fmt: skip
    assert changed["place"] == {
        "name": "New lot", "position": {"latitude": 31.2}, "counts": {"unknown": 2}, "version": 2,
    }  # fmt: skip


async def test_null_clears_what_leaving_out_keeps(town: Town) -> None:
    told = "... on PlaceUpdated { place { name campus { name } } }"
    kept = await do(town, 'updatePlace(input: {{placeId: "{garage}", name: "G"}}', told)
    assert kept["place"] == {"name": "G", "campus": {"name": "quay"}}
    cleared = await do(town, 'updatePlace(input: {{placeId: "{garage}", campusId: null}}', told)
    assert cleared["place"] == {"name": "G", "campus": None}


async def test_an_attendant_says_what_they_see(town: Town) -> None:
    told = "... on SpaceObserved { space { status occupancy { value source } } }"
    seen = await do(
        town, 'observeSpace(spaceId: "{garage-1}", occupancy: OCCUPIED', told, "attendant"
    )
    occupancy = {"value": "OCCUPIED", "source": "PERSON"}
    assert seen["space"] == {"status": "OCCUPIED", "occupancy": occupancy}


async def test_closed_spaces_are_closed_whatever_stands_in_them(town: Town) -> None:
    told = "... on SpaceServiceSet { spaces { number status service } }"
    both = 'setSpaceService(spaceIds: ["{garage-2}", "{garage-1}"], service: CLOSED'
    closed = await do(town, both, told)
    assert closed["spaces"] == [
        {"number": number, "status": "CLOSED", "service": "CLOSED"} for number in ("A-02", "A-01")
    ]


CSV = "place,space,time_zone,currency\\nDock,1,Europe/Berlin,EUR\\nDock,2,Mars/Olympus,EUR\\n"
REPORT = """... on PlacesImported { isWritten format places { created } spaces { created }
  imported { name } problems { line code field isWarning } }"""


@pytest.mark.parametrize(("more", "written", "count"), [("", False, 0), ("partial: true", True, 1)])
async def test_an_import_tells_what_is_wrong_by_line(
    town: Town, more: str, written: bool, count: int
) -> None:
    call = f'importPlaces(input: {{{{organisationId: "{{harbour}}", content: "{CSV}", {more}}}}}'
    report = await do(town, call, REPORT)
    assert (report["isWritten"], len(report["imported"])) == (written, count)
    assert any(problem["line"] == 3 for problem in report["problems"])


@pytest.mark.parametrize(
    ("call", "code", "field"),
    [
        (('createPlace(input: {{organisationId: "{harbour}", name: "", kind: LOT,'
         ' timeZone: "UTC", currency: "EUR"}}'), "INVALID_INPUT", "name"),
        (('createPlace(input: {{organisationId: "{harbour}", name: "N", kind: LOT,'
         ' timeZone: "Europe/Berln", currency: "EUR"}}'), "INVALID_INPUT", "timeZone"),
        (('createPlace(input: {{organisationId: "{harbour}", name: "N", kind: LOT,'
         ' timeZone: "UTC", currency: "XXQ"}}'), "INVALID_INPUT", "currency"),
        (('createSpaces(placeId: "{garage}", spaces: [{{number: "1"}}, {{number: "2",'
         " widthMetres: 0}}]"), "INVALID_INPUT", "spaces.1.widthMetres"),
        ('createSpaces(placeId: "{garage}", spaces: [{{number: "A-01"}}]', "NUMBER_TAKEN", None),
        ('createSubplace(input: {{placeId: "{garage}", name: "Ground", kind: ROW}}',
         "NAME_TAKEN", None),
        ('provisionDevice(input: {{placeId: "{garage}", endpoint: "a b", kind: LOCK}}',
         "INVALID_INPUT", "endpoint"),
        (('provisionDevice(input: {{placeId: "{garage}", endpoint: "n", kind: LOCK,'
         " lifetimeSeconds: 1}}"), "INVALID_INPUT", "lifetimeSeconds"),
        ('provisionDevice(input: {{placeId: "{garage}", endpoint: "yard-device", kind: LOCK}}',
         "ENDPOINT_TAKEN", None),
        (('observeSpace(spaceId: "{garage-1}", occupancy: FREE,'
         ' observedAt: "2030-01-01T00:00:00Z"'), "INVALID_INPUT", "observedAt"),
        ('createApiKey(organisationId: "{harbour}", name: "n", scopes: ["all"]',
         "INVALID_INPUT", "scopes"),
        ('updateProfile(locale: "tlh"', "INVALID_INPUT", "locale"),
    ],
)  # fmt: skip
async def test_a_refusal_names_its_reason_and_the_value(
    town: Town, call: str, code: str, field: str | None
) -> None:
    refused = await do(town, call)
    assert (refused["code"], refused.get("field")) == (code, field)
    assert refused["message"]


@pytest.mark.parametrize("key", ["", "x" * 129, "a\\u0000b"])
async def test_a_key_that_cannot_serve_is_refused(town: Town, key: str) -> None:
    query = f'mutation {{ it: updateProfile(name: "n", idempotencyKey: "{key}") {{ {REFUSED} }} }}'
    refused = (await town.ask("driver", query))["it"]
    assert refused["field"] == "idempotencyKey"
