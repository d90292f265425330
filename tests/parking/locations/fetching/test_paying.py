"""Who pays what of a stay that a friend has ended: reserved, moved once, or given up."""

import asyncio
from datetime import timedelta

import pytest

from berth.ledger_work import verify_books
from parking.access.models import DelegationPayer
from parking.access.models import DelegationState as State
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, NotPermitted
from parking.ledger.accounts import driver
from parking.ledger.balances import balance
from parking.ledger.due import expire_due
from parking.locations.fetching import paying
from parking.locations.fetching.accept import HELD_BEYOND, accept_exit
from parking.locations.fetching.checks import verify_fetches
from parking.locations.fetching.follow import follow_delegations
from parking.locations.fetching.paying import settle_fetches
from parking.locations.fetching.revoke import revoke_exit
from parking.locations.fetching.rules import is_for, require_for
from parking.locations.models import FetchPayment
from parking.settlement.refusals import WalletTooLow
from parking.storage.sql import database
from tests.support.fetching import MOST, Fetching
from tests.support.leasing import somebody
from tests.support.wallets import empty_wallet, in_wallet, postings

CHARGED = 400


async def held(fetching: Fetching) -> int:
    """What is reserved of the friend's money."""
    assert fetching.friend.person_id is not None
    found = await balance(database(), driver(fetching.friend.person_id, "EUR"))
    return found.posted_minor - found.available_minor


async def agreed(fetching: Fetching, most: int = MOST) -> int:
    """A right that the friend has agreed to pay for."""
    made = await fetching.delegate(fetching.paid_by_friend(amount_max_minor=most))
    await accept_exit(fetching.friend, made, **fetching.both)
    return made


async def fetched(fetching: Fetching, most: int = MOST) -> int:
    """The friend has driven the car out, and the stay is settled."""
    made = await agreed(fetching, most)
    await fetching.park()
    fetching.clock.advance(minutes=119)
    await fetching.try_at(fetching.bay, made)
    await fetching.leave()
    await fetching.try_at(fetching.gate, made)
    await fetching.settle()
    return made


async def test_a_code_of_what_they_pay_is_theirs_alone(fetching: Fetching) -> None:
    made, friend = await fetching.delegate(fetching.paid_by_friend()), fetching.friend
    stand_in = Viewer(person_id=friend.person_id, link_of=fetching.reservation_id)
    with pytest.raises(Conflict) as refused:
        require_for(friend, await fetching.right(made))
    assert refused.value.code == "NOT_DELEGATED"
    await accept_exit(friend, made, **fetching.both)
    right = await fetching.right(made)
    require_for(friend, right)
    for who in (fetching.owner, fetching.lease.operator, stand_in, ANONYMOUS, Viewer(api_key_id=1)):
        with pytest.raises(NotPermitted):
            require_for(who, right)
    assert is_for(ANONYMOUS, right._replace(payer=DelegationPayer.OWNER))
    assert not is_for(ANONYMOUS, right._replace(fetcher_id=None))


async def sound(clock: TestClock) -> bool:
    """Whether the books, and what was paid for fetching, hold together."""
    return (await verify_books(clock)).findings == []


async def test_it_opens_nothing_before_its_fetcher_agrees(fetching: Fetching) -> None:
    made = await fetching.delegate(fetching.paid_by_friend())
    await fetching.park()
    assert await fetching.state(made) is State.OFFERED
    with pytest.raises(Conflict, match="not agreed to"):
        await fetching.code(made)
    await accept_exit(fetching.friend, made, **fetching.both)
    right = await fetching.right(made)
    assert (right.state, right.fetcher_id) == (State.ACTIVE, fetching.friend.person_id)
    assert (await held(fetching), await in_wallet(fetching.friend)) == (MOST, 1_000)
    with pytest.raises(Conflict) as refusal:
        await accept_exit(fetching.friend, made, **fetching.both)
    assert refusal.value.code == "WRONG_STATE"


async def test_who_may_agree(fetching: Fetching) -> None:
    made = await fetching.delegate(fetching.paid_by_friend())
    with pytest.raises(Conflict, match="your own car"):
        await accept_exit(fetching.owner, made, **fetching.both)
    await database().execute("UPDATE exit_delegation SET fetcher_id = 9999")
    with pytest.raises(NotPermitted):
        await accept_exit(fetching.friend, made, **fetching.both)


async def test_a_short_wallet_is_told_what_is_missing(fetching: Fetching) -> None:
    made = await fetching.delegate(fetching.paid_by_friend())
    poor = await somebody("Paul")
    with pytest.raises(WalletTooLow) as refusal:
        await accept_exit(poor, made, **fetching.both)
    assert refusal.value.missing_minor == MOST
    assert await fetching.state(made) is State.OFFERED
    assert await FetchPayment.all().count() == 0


@pytest.mark.parametrize(("most", "paid"), [(MOST, MOST), (CHARGED + 100, CHARGED)])
async def test_the_friend_pays_what_was_charged_up_to_the_amount(
    fetching: Fetching, most: int, paid: int
) -> None:
    made = await fetched(fetching, most)
    assert await settle_fetches(**fetching.both) == 1
    assert await settle_fetches(**fetching.both) == 0
    assert (await held(fetching), await in_wallet(fetching.friend)) == (0, 1_000 - paid)
    assert await in_wallet(fetching.owner) == 2_000 - CHARGED + paid
    moved = await postings(f"delegation:{made}")
    assert moved[f"fetch:{made}:post"] == {
        f"driver:{fetching.friend.person_id}": -paid, f"driver:{fetching.owner.person_id}": paid,
    }  # fmt: skip
    assert (await FetchPayment.get(delegation_id=made)).amount_minor == paid
    assert await sound(fetching.clock)


async def test_nothing_moves_before_the_stay_is_settled(fetching: Fetching) -> None:
    made = await agreed(fetching)
    await fetching.park()
    await fetching.try_at(fetching.gate, made)
    assert await settle_fetches(**fetching.both) == 0
    await fetching.leave()
    assert await settle_fetches(**fetching.both) == 0
    await fetching.settle()
    assert await settle_fetches(**fetching.both) == 1
    assert await sound(fetching.clock)


async def test_workers_at_once_pay_once(fetching: Fetching) -> None:
    made = await fetched(fetching)
    assert sum(await asyncio.gather(*(settle_fetches(**fetching.both) for _ in range(4)))) == 1
    assert await in_wallet(fetching.friend) == 1_000 - MOST
    assert len(await postings(f"delegation:{made}")) == 1


@pytest.mark.parametrize("end", ["revoked", "expired", "left without it"])
async def test_what_was_not_used_is_free_again(fetching: Fetching, end: str) -> None:
    made = await agreed(fetching)
    await fetching.park()
    if end == "revoked":
        await revoke_exit(fetching.owner, made, **fetching.both)
    elif end == "expired":
        fetching.clock.advance(days=1)
    else:
        await fetching.leave()
        fetching.clock.advance(minutes=15)
    await follow_delegations(**fetching.both)
    assert await settle_fetches(**fetching.both) == 1
    assert (await held(fetching), await in_wallet(fetching.friend)) == (0, 1_000)
    assert (await FetchPayment.get(delegation_id=made)).amount_minor == 0
    assert await verify_fetches(database(), fetching.clock.now()) == []


async def test_a_crash_on_the_way_leaves_nothing_half_done(
    fetching: Fetching, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await fetched(fetching)

    async def fail(*_: object, **__: object) -> None:
        raise ValueError("the process died")

    monkeypatch.setattr(paying, "tell_money", fail)
    with pytest.raises(ValueError, match="died"):
        await settle_fetches(**fetching.both)
    assert (await held(fetching), await in_wallet(fetching.friend)) == (MOST, 1_000)
    monkeypatch.undo()
    assert await settle_fetches(**fetching.both) == 1
    assert await in_wallet(fetching.friend) == 1_000 - MOST
    assert f"fetch:{made}:post" in await postings(f"delegation:{made}")


async def test_what_was_reserved_too_long_is_borne_by_the_owner(fetching: Fetching) -> None:
    made = await fetched(fetching)
    fetching.clock.advance(days=1 + HELD_BEYOND.days)
    await expire_due(fetching.clock.now())
    assert await settle_fetches(**fetching.both) == 1
    assert await in_wallet(fetching.friend) == 1_000
    assert (await FetchPayment.get(delegation_id=made)).amount_minor == 0
    assert await sound(fetching.clock)


async def test_the_friends_reserved_money_is_spent_on_nothing_else(fetching: Fetching) -> None:
    await agreed(fetching)
    with pytest.raises(Conflict, match="not enough"):
        await empty_wallet(fetching.friend)


async def test_the_check_finds_what_does_not_fit(fetching: Fetching) -> None:
    made = await fetched(fetching)
    later = fetching.clock.now() + timedelta(minutes=6)
    [late] = await verify_fetches(database(), later)
    assert late.code == "FETCH_UNRESOLVED"
    await settle_fetches(**fetching.both)
    await FetchPayment.filter(delegation_id=made).update(amount_minor=MOST - 1)
    [differs] = await verify_fetches(database(), later)
    assert differs.code == "FETCH_DIFFERS"
