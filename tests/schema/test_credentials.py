"""Credentials by GraphQL: shown to the driver, used at the bay, seen by both sides."""

from base64 import b64decode
from typing import Any

import pytest

from parking.access.admit import Shown, admit
from parking.access.base45 import b45decode
from parking.access.check import Outcome, Reader
from parking.access.models import CredentialKind
from parking.reservations.models import Reservation
from tests.schema.booked_town import TOMORROW
from tests.schema.town import Town

REFRESH = """mutation ($id: ID!, $key: String!) {
  it: refreshQr(reservationId: $id, idempotencyKey: $key) {
    ... on QrRefreshed { qr { text issuedAt renewAt expiresAt svg png } } } }"""
ROTATE = """mutation ($id: ID!, $key: String!) {
  it: rotateKey(reservationId: $id, idempotencyKey: $key) {
    ... on KeyRotated { number reservation { credentials { kind madeAt } } } } }"""
ADMIT = """mutation ($id: ID!, $plate: String!, $key: String!) {
  it: admitPlate(placeId: $id, plate: $plate, idempotencyKey: $key) {
    __typename ... on PlateShown { outcome reservation { id } }
    ... on InvalidInput { field } } }"""
EVENTS = """query ($id: ID!) { reservation(id: $id) {
  accessEvents { kind outcome isOffline at receivedAt space { id } reader { id } }
  steps { kind } } }"""
LOG = """query ($id: ID!, $after: String) { place(id: $id) {
  accessEvents(first: 2, after: $after) { nodes { outcome } pageInfo { hasNextPage endCursor } } } }
"""


@pytest.fixture
def booked(booked: Town) -> Town:
    """The town at the hour of its bookings."""
    booked.clock.advance(hours=TOMORROW)
    return booked


async def told(booked: Town, who: str, query: str, **variables: Any) -> Any:
    variables = {"id": booked.ids["booking"], "key": booked.fresh_key()} | variables
    return (await booked.ask(who, query, **variables))["it"]


async def scan(booked: Town, text: str) -> Outcome:
    keys, services = booked.keys, booked.services
    reader = Reader(keys["garage-device"], keys["garage"], keys["garage-1"])
    shown = Shown(CredentialKind.QR_CODE, token=b45decode(text))
    answer = await admit(reader, shown, clock=booked.clock, bus=booked.bus, sealer=services.sealer)
    return answer.outcome


async def test_a_qr_is_text_and_pictures_and_opens_once(booked: Town) -> None:
    qr = (await told(booked, "driver", REFRESH))["qr"]
    assert qr["svg"].startswith(("<svg", "<?xml"))
    assert b64decode(qr["png"]).startswith(b"\x89PNG")
    assert qr["issuedAt"] < qr["renewAt"] < qr["expiresAt"]
    assert await scan(booked, qr["text"]) is Outcome.GRANTED
    assert await scan(booked, qr["text"]) is Outcome.ALREADY_USED


async def test_a_repeated_call_gives_the_same_qr_a_new_one_the_next(booked: Town) -> None:
    first = await told(booked, "driver", REFRESH, key="mine")
    assert await told(booked, "driver", REFRESH, key="mine") == first
    assert await told(booked, "driver", REFRESH) != first


async def test_a_key_number_is_shown_once(booked: Town) -> None:
    first = await told(booked, "driver", ROTATE, key="mine")
    assert len(first["number"]) == 6
    again = await told(booked, "driver", ROTATE, key="mine")
    assert again["number"] is None
    made = {way["kind"]: way["madeAt"] for way in again["reservation"]["credentials"]}
    assert set(made) == {"QR_CODE", "KEY"}
    assert made["KEY"] is not None


async def test_both_sides_see_what_was_shown(booked: Town) -> None:
    qr = (await told(booked, "driver", REFRESH))["qr"]
    await scan(booked, qr["text"])
    await scan(booked, qr["text"])
    for who, reader in (("driver", None), ("operator", {"id": booked.ids["garage-device"]})):
        found = (await booked.ask(who, EVENTS, id=booked.ids["booking"]))["reservation"]
        events = found["accessEvents"]
        assert [each["outcome"] for each in events] == ["ALREADY_USED", "GRANTED"]
        assert events[0]["space"] == {"id": booked.ids["garage-1"]}
        assert events[0]["reader"] == reader
        steps = [each["kind"] for each in found["steps"]]
        assert steps[-2:] == ["access_granted", "access_refused"]


async def test_the_places_log_comes_in_pages(booked: Town) -> None:
    qr = (await told(booked, "driver", REFRESH))["qr"]
    for _ in range(3):
        await scan(booked, qr["text"])
    first = (await booked.ask("attendant", LOG, id=booked.ids["garage"]))["place"]["accessEvents"]
    assert [each["outcome"] for each in first["nodes"]] == ["ALREADY_USED", "ALREADY_USED"]
    after = first["pageInfo"]["endCursor"]
    rest = await booked.ask("attendant", LOG, id=booked.ids["garage"], after=after)
    assert rest["place"]["accessEvents"]["nodes"] == [{"outcome": "GRANTED"}]


async def test_an_attendant_lets_a_vehicle_in_by_its_plate(booked: Town) -> None:
    await Reservation.filter(id=booked.keys["booking"]).update(plate="SHH1234")
    place = {"id": booked.ids["garage"]}
    got = await told(booked, "attendant", ADMIT, plate="s-hh 1234", **place)
    assert got["outcome"] == "GRANTED"
    assert got["reservation"] == {"id": booked.ids["booking"]}
    got = await told(booked, "attendant", ADMIT, plate="X 1", **place)
    assert (got["outcome"], got["reservation"]) == ("UNKNOWN_PLATE", None)
    got = await told(booked, "attendant", ADMIT, plate=" ", **place)
    assert got == {"__typename": "InvalidInput", "field": "plate"}
