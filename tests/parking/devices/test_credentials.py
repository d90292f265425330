"""Durable security state: no number twice, whatever happens at once."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from parking.devices.credentials import Reservation, reserve_sequences
from parking.devices.rules import BOOT_MAX, SEQUENCE_MAX, order_boot, order_sequence
from parking.storage.sql import database
from parking.storage.transactions import retried, transaction
from tests.parking.devices.conftest import House


async def reserve(house: House, *wishes: tuple[int, int]) -> list[int]:
    async def once() -> list[int]:
        async with transaction() as sql:
            wanted = [Reservation(i, n) for i, n in wishes]
            return await reserve_sequences(sql, wanted, house.clock.now())

    return await retried(once)


async def test_blocks_of_one_group_follow_each_other(house: House) -> None:
    one, two = await house.provision(), await house.provision("bay-2", 1)
    a, b = one.credential_id or 0, two.credential_id or 0
    assert await reserve(house, (a, 64), (b, 10), (a, 64)) == [0, 0, 64]
    assert await reserve(house, (a, 1), (b, 1)) == [128, 10]


async def test_gateways_at_once_never_get_the_same_number(house: House) -> None:
    made = await house.provision()
    wishes = [reserve(house, (made.credential_id or 0, 7)) for _ in range(40)]
    firsts = sorted(first for [first] in await asyncio.gather(*wishes))
    assert firsts == [7 * i for i in range(40)]
    row = await database().fetch_one("SELECT sender_sequence_reserved AS n FROM security_state")
    assert row == {"n": 280}


numbers = st.tuples(
    st.integers(0, 2**31 - 1), st.integers(0, BOOT_MAX), st.integers(0, SEQUENCE_MAX),
    st.integers(0, 63),
)  # fmt: skip


@given(numbers, numbers)
def test_order_is_by_generation_boot_sequence_and_place_in_the_report(
    a: tuple[int, int, int, int], b: tuple[int, int, int, int]
) -> None:
    packed = [(order_boot(g, boot), order_sequence(s, i)) for g, boot, s, i in (a, b)]
    assert (packed[0] < packed[1]) == (a < b)
    assert all(0 <= number < 2**63 for pair in packed for number in pair)
