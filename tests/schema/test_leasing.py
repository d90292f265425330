"""Searching, waiting, repeating and moving, as a client of the schema does it."""

from typing import Any

import pytest

from parking.places.models import Space
from parking.reservations.offering import serve_waitlists
from tests.schema.town import Town

DAY = '"2026-02-02T{}:00:00Z"'
WINDOW = f"{{startsAt: {DAY.format('08')}, endsAt: {DAY.format('10')}}}"
TIMES = WINDOW.strip("{}")


@pytest.fixture
def offered(booked: Town) -> Town:
    return booked


async def do(town: Town, who: str, call: str, told: str) -> dict[str, Any]:
    """What a mutation answers; `call` lacks its last parenthesis."""
    query = (
        f'mutation {{ it: {call}, idempotencyKey: "{town.fresh_key()}") {{ __typename {told} }} }}'
    )
    answer: dict[str, Any] = (await town.ask(who, query))["it"]
    return answer


FOUND = """
query ($id: ID!, $first: Int!, $after: String, $filter: AvailabilityFilter) {
  availableSpaces(area: {placeId: $id}, window: %s, sort: PRICE, first: $first, after: $after,
                  filter: $filter) {
    nodes { space { number } place { name } listing { name } price { amountMinor currency } }
    pageInfo { hasNextPage endCursor }
  } }
"""


async def test_a_search_goes_on_page_by_page(offered: Town) -> None:
    numbers, after = [], None
    for _ in range(3):
        page = (
            await offered.ask(
                "driver", FOUND % WINDOW, id=offered.ids["garage"], first=1, after=after
            )
        )["availableSpaces"]
        [node] = page["nodes"]
        numbers.append((node["listing"]["name"], node["space"]["number"]))
        assert node["price"] == {"amountMinor": 480, "currency": "EUR"}
        after = page["pageInfo"]["endCursor"]
    assert numbers == [
        ("garage-offer", "A-01"), ("garage-offer", "A-02"), ("garage-offer", "A-03"),
    ]  # fmt: skip
    assert not page["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({"isEv": True}, 1), ({"instantOnly": True}, 3), ({"plate": "S-HB 1"}, 3),
        ({"priceMax": {"amountMinor": 480, "currency": "EUR"}}, 3),
        ({"priceMax": {"amountMinor": 479, "currency": "EUR"}}, 0), ({"heightMetres": 2.5}, 3),
    ],
)  # fmt: skip
async def test_filters(offered: Town, given: dict[str, Any], count: int) -> None:
    garage = offered.ids["garage"]
    found = await offered.ask("driver", FOUND % WINDOW, id=garage, first=9, filter=given)
    assert len(found["availableSpaces"]["nodes"]) == count


async def test_what_makes_no_sense_is_an_error_with_a_code(offered: Town) -> None:
    backwards = f"{{startsAt: {DAY.format('10')}, endsAt: {DAY.format('08')}}}"
    result = await offered.execute("driver", FOUND % backwards, id=offered.ids["garage"], first=1)
    assert result.errors[0].extensions["code"] == "INVALID_INPUT"


async def test_what_is_found_can_be_reserved(offered: Town) -> None:
    query = FOUND.replace("nodes {", "nodes { listingId") % WINDOW
    found = await offered.ask("driver", query, id=offered.ids["garage"], first=1)
    listing = found["availableSpaces"]["nodes"][0]["listingId"]
    call = f'reserveSpace(input: {{listingId: "{listing}", {TIMES}}}'
    assert (await do(offered, "driver", call, ""))["__typename"] == "Reserved"


async def test_waiting_ends_in_an_offer_that_is_accepted(offered: Town) -> None:
    for bay in (1, 2, 3):
        call = f'reserveSpace(input: {{spaceId: "{offered.ids[f"garage-{bay}"]}", {TIMES}}}'
        held = await do(offered, "stranger", call, "... on Reserved { reservation { id } }")
    garage = offered.ids["garage"]
    joined = await do(
        offered, "driver", f'joinWaitlist(input: {{placeId: "{garage}", {TIMES}}}',
        "... on WaitlistJoined { entry { id state position } }",
    )  # fmt: skip
    entry = joined["entry"]
    assert (entry["state"], entry["position"]) == ("WAITING", 2)
    await do(
        offered, "stranger", f'cancelReservation(reservationId: "{held["reservation"]["id"]}"', ""
    )
    await serve_waitlists(offered.clock, offered.bus)
    query = "query ($id: ID!) { node(id: $id) { ... on WaitlistEntry { state offerExpiresAt } } }"
    assert (await offered.ask("driver", query, id=entry["id"]))["node"] == {
        "state": "OFFERED", "offerExpiresAt": "2026-01-05T08:15:00Z",
    }  # fmt: skip
    accepted = await do(
        offered, "driver", f'acceptWaitlistOffer(entryId: "{entry["id"]}"',
        "... on WaitlistOfferAccepted { reservation { state space { number } } }",
    )  # fmt: skip
    assert accepted["reservation"] == {"state": "CONFIRMED", "space": {"number": "A-03"}}


SERIES = (
    "... on SeriesReserved { series { id rule reservations { nodes { state } } } refused { code } }"
)


async def test_a_series_is_reserved_confirmed_and_cancelled(offered: Town) -> None:
    offer = offered.ids["garage-offer"]
    call = f'reserveSeries(input: {{listingId: "{offer}", {TIMES}}}, rule: "FREQ=WEEKLY;COUNT=3"'
    made = await do(offered, "driver", call, SERIES)
    assert made["refused"] == []
    series = made["series"]
    assert series["reservations"]["nodes"] == [{"state": "PENDING_PAYMENT"}] * 3
    told = "... on SeriesConfirmed { series { reservations { nodes { state } } } }"
    done = await do(offered, "driver", f'confirmSeries(seriesId: "{series["id"]}"', told)
    assert done["series"]["reservations"]["nodes"] == [{"state": "CONFIRMED"}] * 3
    call = f'cancelSeries(seriesId: "{series["id"]}", startsFrom: "2026-02-09T08:00:00Z"'
    assert await do(offered, "driver", call, "... on SeriesCancelled { cancelledCount }") == {
        "__typename": "SeriesCancelled", "cancelledCount": 2,
    }  # fmt: skip


async def test_refused_dates_are_named(offered: Town) -> None:
    bay = offered.ids["garage-1"]
    call = f'reserveSpace(input: {{spaceId: "{bay}", {TIMES}}}'
    assert (await do(offered, "stranger", call, ""))["__typename"] == "Reserved"
    call = f'reserveSeries(input: {{spaceId: "{bay}", {TIMES}}}, rule: "FREQ=DAILY;COUNT=2"'
    told = "... on SeriesRefused { code refused { startsAt endsAt code } }"
    refused = {"startsAt": "2026-02-02T08:00:00Z", "endsAt": "2026-02-02T10:00:00Z"}
    assert await do(offered, "driver", call, told) == {
        "__typename": "SeriesRefused", "code": "SERIES_REFUSED",
        "refused": [{**refused, "code": "WINDOW_TAKEN"}],
    }  # fmt: skip
    made = await do(offered, "driver", f"{call}, policy: WHAT_IS_FREE", SERIES)
    assert (len(made["series"]["reservations"]["nodes"]), made["refused"]) == (
        1, [{"code": "WINDOW_TAKEN"}]
    )  # fmt: skip


async def test_a_booking_is_moved_by_the_operator(offered: Town) -> None:
    await Space.filter(id=offered.keys["garage-3"]).update(is_ev=True)
    cancelled = await do(
        offered, "driver", f'cancelReservation(reservationId: "{offered.ids["request"]}"', ""
    )
    assert cancelled["__typename"] == "ReservationCancelled"
    call = f'reassignReservation(reservationId: "{offered.ids["booking"]}", reason: "flooded"'
    told = "... on ReservationReassigned { reservation { space { number } agreement { version } } }"
    assert (await do(offered, "operator", call, told))["reservation"] == {
        "space": {"number": "A-03"}, "agreement": {"version": 2},
    }  # fmt: skip
