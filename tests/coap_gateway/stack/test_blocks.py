"""Bodies in blocks, within their bounds."""

import pytest

from coap_gateway.stack import Counters, Limits, Response
from coap_gateway.stack.blocks import Assemblies, Block, LongAnswers, cut
from coap_gateway.stack.errors import BadRequest, EntityIncomplete, EntityTooLarge


def assemblies(**limits: float) -> Assemblies:
    return Assemblies(Limits(**limits), Counters())  # type: ignore[arg-type]


def feed(some: Assemblies, number: int, *, more: bool = True, **rest: object) -> bytes | None:
    size = 16 if more else 5
    key = rest.get("key", "k")
    now = float(rest.get("now", 0.0))  # type: ignore[arg-type]
    owner = rest.get("owner", "o")
    return some.feed(key, owner, Block(number, more, 0), bytes([number]) * size, now)


@pytest.mark.parametrize(
    ("wire", "block"),
    [("", Block(0, False, 0)), ("0e", Block(0, True, 6)), ("0102", Block(16, False, 2))],
)
def test_a_block_option_has_number_more_and_size(wire: str, block: Block) -> None:
    assert Block.decode(bytes.fromhex(wire)) == block
    assert block.encode().hex() == wire


def test_blocks_in_order_make_the_body() -> None:
    some = assemblies()
    assert feed(some, 0) is None
    assert feed(some, 1) is None
    assert feed(some, 2, more=False) == b"\0" * 16 + b"\1" * 16 + b"\2" * 5
    assert len(some) == 0


def test_a_gap_and_a_lost_start_are_incomplete() -> None:
    some = assemblies()
    feed(some, 0)
    with pytest.raises(EntityIncomplete):
        feed(some, 2)
    with pytest.raises(EntityIncomplete):
        feed(some, 1)


def test_a_smaller_block_size_may_follow_at_the_right_offset() -> None:
    some = assemblies()
    some.feed("k", "o", Block(0, True, 1), b"a" * 32, 0.0)
    assert some.feed("k", "o", Block(2, False, 0), b"b", 0.0) == b"a" * 32 + b"b"


def test_a_block_that_is_not_full_but_says_more_is_refused() -> None:
    with pytest.raises(BadRequest):
        assemblies().feed("k", "o", Block(0, True, 0), b"short", 0.0)


def test_a_body_beyond_the_limit_is_refused_with_the_limit() -> None:
    some = assemblies(body_bytes_max=32)
    feed(some, 0)
    feed(some, 1)
    with pytest.raises(EntityTooLarge) as refusal:
        feed(some, 2)
    assert refusal.value.size == 32
    assert some.bytes_held == 0


def test_one_peer_has_few_bodies_under_way_and_loses_its_own_oldest() -> None:
    some = assemblies(block1_per_peer_max=2)
    feed(some, 0, key="other", owner="other")
    for key in ("a", "b", "c"):
        feed(some, 0, key=key)
    with pytest.raises(EntityIncomplete):
        feed(some, 1, key="a")
    assert feed(some, 1, key="other", owner="other", more=False) is not None


def test_all_bodies_under_way_are_bounded() -> None:
    some = assemblies(block1_total_max=10)
    for owner in range(1000):
        feed(some, 0, key=owner, owner=owner)
    assert (len(some), some.bytes_held) == (10, 160)


def test_a_body_under_way_grows_old() -> None:
    some = assemblies(block1_age_s=93.0)
    feed(some, 0)
    with pytest.raises(EntityIncomplete):
        feed(some, 1, now=94.0)


def test_an_answer_is_cut_into_blocks() -> None:
    payload = bytes(range(100))
    assert cut(payload, None, 6) == (payload, None)
    assert cut(payload, None, 2) == (payload[:64], Block(0, True, 2))
    assert cut(payload, Block(1, False, 2), 6) == (payload[64:], Block(1, False, 2))


def test_a_peer_that_wants_bigger_blocks_than_allowed_gets_the_right_offset() -> None:
    payload = bytes(200)
    assert cut(payload, Block(1, False, 3), 2)[1] == Block(2, True, 2)


def test_a_block_beyond_the_end_is_refused() -> None:
    with pytest.raises(BadRequest):
        cut(b"x" * 64, Block(1, False, 2), 6)


def test_long_answers_are_bounded_in_count_and_age() -> None:
    kept = LongAnswers(Limits(block2_kept_max=3, block2_age_s=60.0))
    for key in range(10):
        kept.keep(key, Response(payload=b"x"), float(key))
    assert len(kept) == 3
    assert kept.find(9, 10.0) is not None
    assert kept.find(0, 10.0) is None
    assert kept.find(9, 70.0) is None
