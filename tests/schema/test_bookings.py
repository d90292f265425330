"""Booking through the schema, as a frontend does it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from parking.reservations.attempts import QUOTES_PER_PERSON, RESERVATIONS_PER_PERSON
from schema.context import Asker, context_factory
from schema.execution import Transport
from schema.mutations import reservations as reservation_verbs
from tests.schema.town import SCHEMA, Town

LONG = 30.0
"""Seconds that a busy machine may take."""

SEEN = "state price { amountMinor currency } version"
WINDOW = {"startsAt": "2026-02-02T08:00:00Z", "endsAt": "2026-02-02T09:00:00Z"}
QUOTE = """mutation ($input: ReserveSpaceInput!, $key: String!) {
  quoteSpace(input: $input, idempotencyKey: $key) { __typename ... on Refusal { code }
    ... on QuoteMade { quote { id kind expiresAt price { amountMinor } total { amountMinor }
      lines { kind amountMinor unitAmountMinor quantity } listing { id } } } } }"""
RESERVE = f"""mutation ($quote: ID!, $key: String!) {{
  reserve(quoteId: $quote, guestName: "Gina", plate: "hh ab 1", idempotencyKey: $key) {{ __typename
    ... on Refusal {{ code }}
    ... on Reserved {{ reservation {{ id {SEEN} guestName plate holdUntil }} }} }} }}"""
RESERVE_SPACE = f"""mutation ($input: ReserveSpaceInput!, $key: String!) {{
  reserveSpace(input: $input, idempotencyKey: $key) {{ __typename
    ... on Refusal {{ code message }} ... on TooManyTries {{ retryAfterSeconds }}
    ... on Reserved {{ reservation {{ id {SEEN} }} }} }} }}"""
CONFIRM = f"""mutation ($id: ID!, $key: String!) {{
  confirmReservation(reservationId: $id, idempotencyKey: $key) {{ __typename
    ... on Refusal {{ code }}
    ... on ReservationConfirmed {{ reservation {{ {SEEN} link agreement {{ version digest
      renterAcceptedAt lessorAcceptedAt }} steps {{ kind by }} refundIfCancelled {{ reason
      amount {{ amountMinor }} }} }} }} }} }}"""
CANCEL = f"""mutation ($id: ID!, $key: String!) {{
  cancelReservation(reservationId: $id, idempotencyKey: $key) {{ __typename
    ... on ReservationCancelled {{ reservation {{ {SEEN} refund {{ amountMinor }} cancelledBy
      link }} }} }} }}"""
FOLLOW = """subscription ($id: ID!) { reservation(id: $id) {
  ... on ReservationUpdate { reservation { state version steps { kind } } } } }"""


OF_PLACE = """query ($id: ID!) { place(id: $id) { reservations { nodes { id } } } }"""


async def do(town: Town, who: str, query: str, **variables: Any) -> dict[str, Any]:
    """The answer of a mutation under a fresh key, unless one is given."""
    given = {"key": town.fresh_key(), **variables}
    [answer] = (await town.ask(who, query, **given)).values()
    found: dict[str, Any] = answer
    return found


async def test_from_price_to_cancellation(booked: Town) -> None:
    wanted = {**WINDOW, "listingId": booked.ids["garage-offer"]}
    quote = (await do(booked, "driver", QUOTE, input=wanted))["quote"]
    assert quote["price"] == quote["total"] == {"amountMinor": 240}
    assert sum(line["amountMinor"] for line in quote["lines"]) == 240
    made = (await do(booked, "driver", RESERVE, quote=quote["id"]))["reservation"]
    assert (made["state"], made["guestName"], made["plate"]) == (
        "PENDING_PAYMENT", "Gina", "HHAB1",
    )  # fmt: skip
    confirmed = (await do(booked, "driver", CONFIRM, id=made["id"]))["reservation"]
    assert confirmed["link"].startswith("/b/")
    assert confirmed["agreement"]["renterAcceptedAt"] is not None
    assert confirmed["agreement"]["lessorAcceptedAt"] is not None
    assert confirmed["steps"] == [
        {"kind": "reservation_held", "by": "DRIVER"},
        {"kind": "reservation_confirmed", "by": "DRIVER"},
    ]
    assert confirmed["refundIfCancelled"]["amount"] == {"amountMinor": 240}
    cancelled = (await do(booked, "operator", CANCEL, id=made["id"]))["reservation"]
    assert (cancelled["state"], cancelled["cancelledBy"]) == ("CANCELLED", "OWNER")
    assert (cancelled["refund"], cancelled["link"]) == ({"amountMinor": 240}, None)


async def test_the_same_key_books_once(booked: Town) -> None:
    wanted = {**WINDOW, "spaceId": booked.ids["garage-2"]}
    first = await do(booked, "driver", RESERVE_SPACE, input=wanted, key="one")
    again = await do(booked, "driver", RESERVE_SPACE, input=wanted, key="one")
    assert first == again
    assert first["__typename"] == "Reserved"
    other = await do(booked, "driver", RESERVE_SPACE, input=wanted)
    assert (other["__typename"], other["code"]) == ("WindowTaken", "WINDOW_TAKEN")


async def test_refusals_have_names(booked: Town) -> None:
    backwards = {
        "startsAt": WINDOW["endsAt"], "endsAt": WINDOW["startsAt"],
        "spaceId": booked.ids["garage-1"],
    }  # fmt: skip
    got = await do(booked, "driver", RESERVE_SPACE, input=backwards)
    assert got["__typename"] == "InvalidInput"
    past = {**WINDOW, "startsAt": "2025-01-01T00:00:00Z", "spaceId": booked.ids["garage-1"]}
    got = await do(booked, "driver", RESERVE_SPACE, input=past)
    assert got["__typename"] == "NotBookable"
    booked.clock.advance(minutes=5)
    got = await do(booked, "driver", CONFIRM, id=booked.ids["hold"])
    assert (got["__typename"], got["code"]) == ("HoldExpired", "HOLD_EXPIRED")
    booked.clock.advance(minutes=5)
    got = await do(booked, "driver", RESERVE, quote=booked.ids["quote"])
    assert (got["__typename"], got["code"]) == ("QuoteExpired", "QUOTE_EXPIRED")


async def test_a_booking_is_seen_live(booked: Town) -> None:
    results = await booked.subscribe("driver", FOLLOW, id=booked.ids["hold"])
    first = await asyncio.wait_for(anext(results), LONG)
    assert first.data["reservation"]["reservation"]["version"] == 1
    await do(booked, "driver", CONFIRM, id=booked.ids["hold"])
    second = await asyncio.wait_for(anext(results), LONG)
    seen = second.data["reservation"]["reservation"]
    assert (seen["state"], seen["version"]) == ("CONFIRMED", 2)
    assert [step["kind"] for step in seen["steps"]] == [
        "reservation_held", "reservation_confirmed",
    ]  # fmt: skip
    await results.aclose()


async def test_what_is_executed_once_for_many_holds_nobodys_own_bookings(booked: Town) -> None:
    """People without roles share executions of streams, and with them what those tell of a place:
    `placeOccupancy { place { reservations } }`."""

    async def sees(who: str, transport: Transport) -> bool:
        context = context_factory(booked.services)(Asker(booked.viewers[who]), transport)
        given = {"id": booked.ids["garage"]}
        result = await SCHEMA.execute(OF_PLACE, variable_values=given, context_value=context)
        assert result.data is not None
        return {"id": booked.ids["booking"]} in result.data["place"]["reservations"]["nodes"]

    assert await sees("driver", "websocket")
    assert not await sees("driver", "shared")
    assert await sees("operator", "shared")


async def test_so_many_prices_and_no_more_whatever_comes_of_them(
    booked: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(QUOTES_PER_PERSON, count_max=2)
    monkeypatch.setattr(reservation_verbs, "QUOTES_PER_PERSON", few)
    wanted = {**WINDOW, "listingId": booked.ids["garage-offer"]}
    refused = {**wanted, "endsAt": "2026-12-02T09:00:00Z"}
    said = [await do(booked, "driver", QUOTE, input=each) for each in (wanted, refused, wanted)]
    assert [each["__typename"] for each in said] == ["QuoteMade", "NotBookable", "TooManyTries"]
    booked.clock.advance(minutes=5)
    assert (await do(booked, "driver", QUOTE, input=wanted))["__typename"] == "QuoteMade"


async def test_so_many_spaces_are_reserved_at_once_and_no_more(
    booked: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(RESERVATIONS_PER_PERSON, count_max=1)
    monkeypatch.setattr(reservation_verbs, "RESERVATIONS_PER_PERSON", few)
    wanted = {**WINDOW, "listingId": booked.ids["garage-offer"]}
    said = [await do(booked, "driver", RESERVE_SPACE, input=wanted) for _ in range(2)]
    assert [each["__typename"] for each in said] == ["Reserved", "TooManyTries"]
    assert 0 < said[1]["retryAfterSeconds"] <= 300
    booked.clock.advance(minutes=5)
    assert (await do(booked, "driver", RESERVE_SPACE, input=wanted))["__typename"] == "Reserved"
