"""Same key and input: one effect and one answer (I6)."""

import asyncio
from dataclasses import replace
from typing import Any

from parking.accounts.idempotency import idempotent
from parking.occupancy.live import place_versions
from parking.places.models import Place
from parking.places.service import close_place
from parking.storage.sql import database
from parking.storage.transactions import detached
from tests.schema.town import LossyBus, Town

CREATE = """mutation ($name: String!, $org: ID!, $key: String!) { createPlace(idempotencyKey: $key,
  input: {organisationId: $org, name: $name, kind: LOT, timeZone: "UTC", currency: "EUR"}) {
  __typename ... on PlaceCreated { place { id name } } ... on Refusal { code message } } }"""
PROVISION = """mutation ($place: ID!, $key: String!) { provisionDevice(idempotencyKey: $key,
  input: {endpoint: "bay-1", kind: READER, placeId: $place}) {
  ... on DeviceProvisioned { device { endpoint } secret { masterSecret senderId } } } }"""
ROTATE = """mutation ($id: ID!, $key: String!) { rotateDevice(deviceId: $id, idempotencyKey: $key) {
  ... on DeviceRotated { secret { masterSecret } } ... on Refusal { code } } }"""
CLOSE = """mutation ($id: ID!) { closePlace(placeId: $id, idempotencyKey: "close") {
  ... on PlaceUpdated { place { isOpen state version } } } }"""


async def create(town: Town, name: str, key: str) -> dict[str, Any]:
    """Make a place of the harbour's."""
    asked = {"name": name, "org": town.ids["harbour"], "key": key}
    answer: dict[str, Any] = (await town.ask("operator", CREATE, **asked))["createPlace"]
    return answer


async def test_a_repeat_has_one_effect_and_the_same_answer(town: Town) -> None:
    first = await create(town, "Once", "k")
    assert await create(town, "Once", "k") == first
    assert await Place.filter(name="Once").count() == 1


async def test_repeats_at_the_same_time_have_one_effect(town: Town) -> None:
    answers = await asyncio.gather(*(create(town, "Once", "k") for _ in range(5)))
    assert all(answer == answers[0] for answer in answers)
    assert await Place.filter(name="Once").count() == 1


async def test_a_key_with_another_input_is_refused(town: Town) -> None:
    await create(town, "Once", "k")
    refused = await create(town, "Twice", "k")
    assert (refused["__typename"], refused["code"]) == (
        "IdempotencyKeyReused", "IDEMPOTENCY_KEY_REUSED",
    )  # fmt: skip
    assert await Place.filter(name="Twice").count() == 0


async def test_a_key_may_be_used_again_after_a_refusal(town: Town) -> None:
    assert (await create(town, " ", "k"))["code"] == "INVALID_INPUT"
    assert (await create(town, "Now", "k"))["__typename"] == "PlaceCreated"


async def test_two_viewers_may_use_the_same_key(town: Town) -> None:
    await create(town, "Mine", "k")
    asked = {"name": "Theirs", "org": town.ids["hill"], "key": "k"}
    theirs = await town.ask("stranger", CREATE, **asked)
    assert theirs["createPlace"]["__typename"] == "PlaceCreated"


async def test_a_secret_is_shown_once_and_kept_nowhere(town: Town) -> None:
    asked = {"place": town.ids["garage"], "key": "k"}
    first = (await town.ask("operator", PROVISION, **asked))["provisionDevice"]
    again = (await town.ask("operator", PROVISION, **asked))["provisionDevice"]
    assert again == first | {"secret": None}
    kept = await database().fetch("SELECT answer FROM idempotent_answer")
    assert len(first["secret"]["masterSecret"]) == 32
    assert first["secret"]["masterSecret"] not in str(kept)


async def test_each_rotation_shows_another_secret(town: Town) -> None:
    asked = {"id": town.ids["garage-device"]}
    shown = [
        (await town.ask("operator", ROTATE, **asked, key=key))["rotateDevice"]["secret"]
        for key in ("k1", "k2")
    ]
    assert shown[0]["masterSecret"] != shown[1]["masterSecret"]


async def test_a_repeat_answers_with_the_object_as_it_is_now(town: Town) -> None:
    asked = {"id": town.ids["garage"]}
    closed = (await town.ask("operator", CLOSE, **asked))["closePlace"]["place"]
    assert closed == {"isOpen": False, "state": "CLOSED", "version": 1}
    open_again = f'openPlace(placeId: "{asked["id"]}", idempotencyKey: "open")'
    await town.ask("operator", f"mutation {{ {open_again} {{ __typename }} }}")
    assert (await town.ask("operator", CLOSE, **asked))["closePlace"]["place"]["version"] == 2


class ReadingBus(LossyBus):
    """Notes, for each message, which version another connection can read as it is published."""

    def __init__(self, place_id: int) -> None:
        super().__init__()
        self._place_id = place_id
        self.readable: list[int] = []

    async def publish(self, topic: str, body: bytes) -> None:
        """Read, then deliver."""
        versions = await detached(place_versions([self._place_id]))
        self.readable.append(versions[self._place_id])
        await super().publish(topic, body)


async def test_nothing_is_published_before_the_commit(town: Town) -> None:
    """What a subscriber hears of, it can read (I10)."""
    bus = ReadingBus(town.keys["garage"])
    town.services = replace(town.services, bus=bus)
    await town.ask("operator", CLOSE, id=town.ids["garage"])
    assert bus.readable == [1]


async def test_control_a_bus_that_does_not_wait_speaks_too_early(town: Town) -> None:
    """The verb alone publishes at the end of its own transaction, which lies inside the key's."""
    garage, operator = town.keys["garage"], town.viewers["operator"]
    bus = ReadingBus(garage)

    async def close() -> dict[str, Any]:
        await close_place(operator, garage, clock=town.clock, bus=bus)
        return {}

    await idempotent(operator, "k", "closePlace", {}, close, clock=town.clock)
    assert bus.readable == [0]
