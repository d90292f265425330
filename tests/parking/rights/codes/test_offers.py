"""What a scanned code says to everybody: enough to know what is offered, and no more."""

from datetime import timedelta

import pytest

from parking.accounts.keys import derive_keys
from parking.clock import TestClock
from parking.places.models import Place
from parking.rights.codes.manage import revoke_grant_code
from parking.rights.codes.offers import GrantOffer, grant_offer
from parking.rights.codes.rotating import picture
from parking.rights.codes.state import CodeState
from parking.rights.codes.tickets import TICKET_LIFE
from parking.rights.kinds import GrantCodeKind, RightKind
from parking.rights.models import GrantCode
from parking.rights.terms import Terms
from tests.support.estate import make_estate
from tests.support.issuing import Issuing, make_issuing
from tests.support.people import SECRET

KEYS = derive_keys(SECRET).pictures


@pytest.fixture
async def issuing(database: str, clock: TestClock) -> Issuing:
    del database
    return await make_issuing(clock, await make_estate(1, is_public=False))


async def public_id(code_id: int) -> str:
    return str((await GrantCode.get(id=code_id)).public_id)


async def offer(issuing: Issuing, text: str) -> GrantOffer:
    found = await grant_offer(text, clock=issuing.clock, keys=KEYS)
    assert found is not None
    return found


async def test_a_printed_code_says_who_gives_what_where(issuing: Issuing) -> None:
    until = issuing.clock.now() + timedelta(days=3)
    second = await make_estate(1, name="Roof deck")
    await Place.filter(id=second.place_id).update(organisation_id=issuing.operator_id)
    given = await issuing.specification(
        RightKind.AMOUNT, 200, name="Two euros", terms=Terms(places=(second.place_id,))
    )
    made = await issuing.code(
        specification_id=given, valid_until=until, needs_reference=True, radius_metres=50
    )
    found = await offer(issuing, await public_id(made))
    assert (found.state, found.issuer_name) == (CodeState.ACTIVE, "Tea room")
    assert (found.place.name, found.place.time_zone) == ("Harbour garage", "Europe/Berlin")
    assert [each.name for each in found.places] == ["Roof deck"]
    assert (found.specification.name, found.specification.value) == ("Two euros", 200)
    assert (found.valid_from, found.valid_until) == (issuing.clock.now(), until)
    assert (found.needs_reference, found.needs_position) == (True, True)
    assert (found.is_rotating, found.is_stale, found.ticket) == (False, False, None)


async def test_revoked_it_says_so(issuing: Issuing) -> None:
    made = await issuing.code()
    await revoke_grant_code(issuing.merchant, made, "copied", **issuing.with_bus)
    assert (await offer(issuing, await public_id(made))).state is CodeState.REVOKED


async def test_what_is_no_code_says_nothing(issuing: Issuing) -> None:
    made = await public_id(await issuing.code())
    for text in ("", "a" * 26, made[:-1], f"{made}.1.abc"):
        assert await grant_offer(text, clock=issuing.clock, keys=KEYS) is None


async def test_a_picture_gives_a_ticket_that_nobody_renews(issuing: Issuing) -> None:
    made = await public_id(await issuing.code(kind=GrantCodeKind.ROTATING))
    shown = picture(KEYS[0], made, issuing.clock.now())
    fresh = await offer(issuing, shown)
    assert fresh.ticket is not None
    assert not fresh.is_stale
    issuing.clock.advance(minutes=2)
    stale, by_ticket = await offer(issuing, shown), await offer(issuing, fresh.ticket)
    assert (stale.is_stale, stale.ticket) == (True, None)
    assert (by_ticket.is_stale, by_ticket.ticket) == (False, fresh.ticket)
    typed = await offer(issuing, made)
    assert (typed.is_stale, typed.ticket) == (True, None)
    issuing.clock.advance(seconds=TICKET_LIFE.total_seconds())
    over = await offer(issuing, fresh.ticket)
    assert (over.is_stale, over.ticket) == (True, None)
