"""Rights to fetch a car through the schema: given once, agreed to, shown at readers, taken back."""

from typing import Any

import pytest

from parking.access.admit import Shown, admit
from parking.access.base45 import b45decode
from parking.access.check import Outcome, Reader
from parking.access.models import CredentialKind
from parking.accounts.attempts import Limit
from parking.accounts.models import Person
from parking.locations.models import PositionBinding
from parking.reservations.models import Reservation, ReservationState
from parking.sessions.override import start_session
from schema.ids import global_id
from schema.mutations import locations_fetching as verbs
from tests.schema.settled_town import still_signed_in
from tests.schema.test_matrix_fetching import SEE as SEE_ALL
from tests.schema.town import Town

GIVE = """mutation ($input: DelegateExitInput!, $k: String!) { it: delegateExit(input: $input,
  idempotencyKey: $k) { __typename ... on ExitDelegated { link delegation { id state payer isOwn } }
  ... on Refusal { code } } }"""
TAKE_BACK = """mutation ($id: ID!, $k: String!) { it: revokeExitDelegation(delegationId: $id,
  idempotencyKey: $k) { __typename ... on ExitDelegationRevoked { delegation { state } } } }"""
ACCEPT = """mutation ($t: String!, $k: String!) { it: acceptExitDelegation(token: $t,
  idempotencyKey: $k) { __typename ... on ExitDelegationAccepted { exit { state } }
  ... on NotFunded { missing { amountMinor } } ... on Refusal { code } } }"""
QR = """mutation ($t: String!, $k: String!) { it: refreshDelegatedQr(token: $t,
  idempotencyKey: $k) { __typename ... on DelegatedQrRefreshed { text svg renewAt expiresAt }
  ... on Refusal { code } } }"""
SEE = """query ($t: String!) { it: delegatedExit(token: $t) {
  label state hasCode hasCodeForFetcher } }"""


async def say(town: Town, who: str, query: str, key: str = "", **values: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await town.ask(who, query, k=key or town.fresh_key(), **values))["it"]
    return answer


async def park(town: Town) -> None:
    """The driver's booking begins, and the car is in."""
    town.clock.advance(hours=48)
    still_signed_in(town)
    both: dict[str, Any] = {"clock": town.clock, "bus": town.bus}
    await start_session(town.viewers["operator"], town.keys["booking"], **both)


async def show(town: Town, text: str) -> Outcome:
    """Show a code at a gate of the garage."""
    gate = Reader(None, town.keys["garage"], None)
    shown = Shown(CredentialKind.QR_CODE, token=b45decode(text))
    answer = await admit(gate, shown, clock=town.clock, bus=town.bus, sealer=town.services.sealer)
    return answer.outcome


def asked(town: Town, booking: str = "booking", **values: Any) -> dict[str, Any]:
    return {
        "reservationId": town.ids[booking], "payer": "OWNER", "validUntil": town.texts["until"],
        **values,
    }  # fmt: skip


async def test_the_address_is_told_to_who_gave_it_and_again_for_the_same_key(
    fetching_town: Town,
) -> None:
    town = fetching_town
    again = await say(town, "driver", GIVE, input=asked(town))
    assert again == {"__typename": "AlreadyDelegated", "code": "ALREADY_DELEGATED"}
    revoked = await say(town, "driver", TAKE_BACK, id=town.ids["right"])
    assert revoked["delegation"] == {"state": "REVOKED"}
    first = await say(town, "driver", GIVE, "mine", input=asked(town, label="Freda"))
    assert first["delegation"]["state"] == "ACTIVE"
    assert first["link"].startswith("/f/")
    assert await say(town, "driver", GIVE, "mine", input=asked(town, label="Freda")) == first
    found = (await town.ask("anonymous", SEE, t=first["link"][3:]))["it"]
    assert (found["label"], found["state"]) == ("Freda", "ACTIVE")
    gone = (await town.ask("anonymous", SEE, t=town.texts["right"]))["it"]
    assert gone["state"] == "REVOKED"


async def test_who_agreed_to_pay_drives_out_once(fetching_town: Town) -> None:
    town, token = fetching_town, fetching_town.texts["right"]
    early = await say(town, "friend", QR, t=token)
    assert early == {"__typename": "Conflict", "code": "NOT_PARKED"}
    assert not (await town.ask("friend", SEE, t=token))["it"]["hasCode"]
    await park(town)
    assert (await town.ask("friend", SEE, t=token))["it"]["hasCode"]
    first = await say(town, "friend", QR, "one", t=token)
    assert await say(town, "friend", QR, "one", t=token) == first
    for role in ("anonymous", "stranger", "driver"):
        refused = await say(town, role, QR, "one", t=token)
        assert refused == {"__typename": "NotPermitted", "code": "NOT_PERMITTED"}
    other = await say(town, "friend", QR, "two", t=token)
    assert first["text"] != other["text"]
    assert first["svg"].startswith("<svg")
    assert await show(town, first["text"]) is Outcome.GRANTED
    assert await show(town, other["text"]) is Outcome.NOT_DELEGATED
    over = await say(town, "friend", QR, t=token)
    assert over == {"__typename": "Conflict", "code": "NOT_DELEGATED"}


async def test_there_is_no_code_before_somebody_has_agreed(fetching_town: Town) -> None:
    town, token = fetching_town, fetching_town.texts["offered"]
    await Reservation.filter(id=town.keys["hold"]).update(state=ReservationState.ACTIVE)
    seen = (await town.ask("anonymous", SEE, t=token))["it"]
    assert (seen["hasCode"], seen["hasCodeForFetcher"]) == (False, False)
    for role in ("anonymous", "friend"):
        refused = await say(town, role, QR, t=token)
        assert refused == {"__typename": "Conflict", "code": "NOT_DELEGATED"}


async def test_who_has_the_address_learns_the_bay_and_nothing_of_its_owner(
    fetching_town: Town,
) -> None:
    town = fetching_town
    await Person.filter(id=town.keys["driver"]).update(name="Dora Secret", phone="+491701234567")
    await Reservation.filter(id=town.keys["booking"]).update(plate="SHH1234")
    found = (await town.ask("anonymous", SEE_ALL, t=town.texts["right"]))["it"]
    assert (found["label"], found["state"], found["isParked"]) == ("Freda", "ACTIVE", False)
    assert found["placeName"]
    assert found["spaceNumber"]
    hidden = ("Dora", "4917", "SHH1234", *(town.ids[each] for each in ("booking", "position")))
    assert [each for each in hidden if each in str(found)] == []


async def test_agreeing_takes_a_person_with_money(fetching_town: Town) -> None:
    town, token = fetching_town, fetching_town.texts["offered"]
    result = await town.execute("anonymous", ACCEPT, t=token, k="k")
    assert result.errors[0].extensions["code"] == "UNAUTHENTICATED"
    poor = await say(town, "stranger", ACCEPT, t=token)
    assert poor == {
        "__typename": "NotFunded", "missing": {"amountMinor": 900}, "code": "NOT_FUNDED",
    }  # fmt: skip
    assert (await say(town, "driver", ACCEPT, t=token))["code"] == "OWN_CAR"
    assert (await say(town, "key", ACCEPT, t=token))["code"] == "NOT_PERMITTED"
    assert (await say(town, "friend", ACCEPT, t="a" * 28))["code"] == "NOT_FOUND"
    agreed = await say(town, "friend", ACCEPT, "mine", t=token)
    assert agreed["exit"] == {"state": "ACTIVE"}
    assert await say(town, "friend", ACCEPT, "mine", t=token) == agreed


async def test_anothers_binding_is_like_none(fetching_town: Town) -> None:
    town, now = fetching_town, fetching_town.clock.now()
    await say(town, "driver", TAKE_BACK, id=town.ids["right"])
    theirs = await PositionBinding.create(
        sharer_id=town.keys["stranger"], receiver_id=town.keys["friend"], state="ACTIVE",
        scope="ALWAYS", asked_by="SHARER", way="LINK", asked_at=now, answer_until=now,
        answered_at=now,
    )  # fmt: skip
    for key in (theirs.id, 999_999):
        given = asked(town, bindingId=global_id("PositionBinding", key))
        assert (await say(town, "driver", GIVE, input=given))["code"] == "NOT_FOUND"


async def test_codes_are_counted(fetching_town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town = fetching_town
    await park(town)
    once_an_hour = Limit("qr_of_booking", 1)
    monkeypatch.setattr(verbs, "CODES_PER_BOOKING", once_an_hour)
    assert "text" in await say(town, "friend", QR, t=town.texts["right"])
    refused = await say(town, "friend", QR, t=town.texts["right"])
    assert refused["__typename"] == "TooManyTries"
