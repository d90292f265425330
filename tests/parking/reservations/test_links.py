"""The link to a booking's page: who has it, and nobody else."""

import pytest

from parking.accounts.keys import derive_keys
from parking.clock import TestClock
from parking.errors import Conflict, NotFound, NotPermitted
from parking.reservations.cancel import cancel
from parking.reservations.links import (
    TOKEN_CHARACTERS,
    holder,
    is_lent,
    link_token,
    renew_link,
    require_own,
    reservation_by_token,
)
from parking.reservations.rules import Side, sides
from tests.parking.reservations.steps import BUS, booked, reservation
from tests.support.leasing import Lease

KEYS = derive_keys("the secret of an installation, for tests").links
OLD_KEYS = derive_keys("the secret that it had before, for tests").links


async def test_whoever_has_the_link_is_the_driver(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock)
    token = link_token(KEYS[0], made, 1)
    assert len(token) == TOKEN_CHARACTERS
    assert token.isalnum()
    found = await reservation_by_token(KEYS, token)
    assert found.id == made
    assert sides(holder(found), found) == {Side.DRIVER}


async def test_any_other_text_finds_nothing(lease: Lease, clock: TestClock) -> None:
    made, other = await booked(lease, clock), await booked(lease, clock, 4, 5)
    token, foreign = link_token(KEYS[0], made, 1), link_token(KEYS[0], other, 1)
    changed = [token[:at] + ("a" if token[at] != "a" else "b") + token[at + 1 :] for at in (5, 20)]
    swapped = token[:13] + foreign[13:]
    never = link_token(KEYS[0], 999_999, 1)
    for text in ("", "x", "ä" * 40, "1" * 40, token + "a", token[:-1], *changed, swapped, never):
        with pytest.raises(NotFound):
            await reservation_by_token(KEYS, text)
    with pytest.raises(NotFound):
        await reservation_by_token(OLD_KEYS, token)


async def test_links_of_a_former_secret_stay_good(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock)
    old = link_token(OLD_KEYS[0], made, 1)
    assert (await reservation_by_token((*KEYS, *OLD_KEYS), old)).id == made


async def test_a_lent_link_is_told_from_the_drivers_own(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock)
    own, lent = link_token(KEYS[0], made, 1), link_token(KEYS[0], made, 1, is_lent=True)
    found = await reservation_by_token(KEYS, lent)
    assert (found.id, is_lent(KEYS, lent, found), is_lent(KEYS, own, found)) == (made, True, False)
    old = link_token(OLD_KEYS[0], made, 1)
    require_own((*KEYS, *OLD_KEYS), old, found)
    with pytest.raises(NotPermitted):
        require_own(KEYS, lent, found)
    await renew_link(lease.driver, made, clock=clock, bus=BUS)
    with pytest.raises(NotFound):
        await reservation_by_token(KEYS, lent)


async def test_a_renewed_link_kills_the_old_one(lease: Lease, clock: TestClock) -> None:
    made = await booked(lease, clock)
    token = link_token(KEYS[0], made, 1)
    with pytest.raises(NotPermitted):
        await renew_link(lease.owner, made, clock=clock, bus=BUS)
    await renew_link(lease.driver, made, clock=clock, bus=BUS)
    with pytest.raises(NotFound):
        await reservation_by_token(KEYS, token)
    generation = (await reservation(made)).link_generation
    assert (await reservation_by_token(KEYS, link_token(KEYS[0], made, generation))).id == made
    await cancel(lease.driver, made, clock=clock, bus=BUS)
    with pytest.raises(Conflict):
        await renew_link(lease.driver, made, clock=clock, bus=BUS)
