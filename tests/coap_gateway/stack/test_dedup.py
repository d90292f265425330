"""De-duplication within its bounds."""

from coap_gateway.stack import Counters, Limits
from coap_gateway.stack.dedup import ENTRY_BYTES, Duplicates

ROUTE = ("192.0.2.1", 5683)
SAME = 1234
OTHER = ("192.0.2.2", 5683)


def duplicates(**limits: float) -> tuple[Duplicates, Counters]:
    counters = Counters()
    return Duplicates(Limits(**limits), counters), counters  # type: ignore[arg-type]


def put(store: Duplicates, route: tuple[str, int], ids: range, now: float = 0.0) -> None:
    for message_id in ids:
        entry = store.remember(route, message_id, SAME, now)
        store.answer(route, message_id, entry, b"x" * 100)


def test_a_copy_finds_the_answer_until_the_exchange_lifetime_ends() -> None:
    store, _ = duplicates()
    put(store, ROUTE, range(1))
    found = store.find(ROUTE, 0, SAME, 246.0)
    assert found is not None
    assert found.answer == b"x" * 100
    assert store.find(ROUTE, 0, SAME, 248.0) is None


def test_the_same_id_from_another_port_is_another_request() -> None:
    store, _ = duplicates()
    put(store, ROUTE, range(1))
    assert store.find(("192.0.2.1", 5684), 0, SAME, 1.0) is None


def test_the_same_id_with_other_content_is_another_request() -> None:
    store, _ = duplicates()
    put(store, ROUTE, range(1))
    assert store.find(ROUTE, 0, SAME + 1, 1.0) is None


def test_old_entries_leave_when_new_ones_come() -> None:
    store, counters = duplicates()
    put(store, ROUTE, range(100))
    put(store, OTHER, range(1), now=300.0)
    assert len(store) == 1
    assert store.bytes_held == ENTRY_BYTES + 100
    assert counters.dedup_evicted == 0


def test_one_peer_cannot_hold_more_than_its_share() -> None:
    store, counters = duplicates(dedup_entries_per_peer_max=10)
    put(store, OTHER, range(1))
    put(store, ROUTE, range(1000))
    assert len(store) == 11
    assert store.find(OTHER, 0, SAME, 1.0) is not None
    assert store.find(ROUTE, 999, SAME, 1.0) is not None
    assert counters.dedup_evicted == 990


def test_one_peer_cannot_hold_more_bytes_than_its_share() -> None:
    store, _ = duplicates(dedup_bytes_per_peer_max=1000)
    put(store, ROUTE, range(100))
    assert store.bytes_held <= 1000


def test_all_peers_together_are_bounded_in_count_and_the_oldest_go_first() -> None:
    store, _ = duplicates(dedup_entries_max=50)
    for index in range(500):
        put(store, (f"192.0.2.{index % 250}", index), range(1), now=index / 1000)
    assert len(store) == 50
    assert store.find(("192.0.2.249", 499), 0, SAME, 1.0) is not None
    assert store.find(("192.0.2.0", 0), 0, SAME, 1.0) is None


def test_all_peers_together_are_bounded_in_bytes() -> None:
    store, _ = duplicates(dedup_bytes_max=10_000)
    for index in range(500):
        put(store, ("192.0.2.1", index), range(1))
    assert store.bytes_held <= 10_000 + ENTRY_BYTES + 100


def test_a_reused_id_replaces_the_old_entry() -> None:
    store, _ = duplicates()
    put(store, ROUTE, range(1))
    entry = store.remember(ROUTE, 0, SAME, 1.0)
    assert store.find(ROUTE, 0, SAME, 1.0) is entry
    assert (len(store), store.bytes_held) == (1, ENTRY_BYTES)


def test_an_answer_to_a_forgotten_request_is_not_kept() -> None:
    store, _ = duplicates(dedup_entries_per_peer_max=1)
    entry = store.remember(ROUTE, 0, SAME, 0.0)
    store.remember(ROUTE, 1, SAME, 0.0)
    store.answer(ROUTE, 0, entry, b"late")
    assert store.bytes_held == ENTRY_BYTES


def test_the_order_book_does_not_grow_with_evictions() -> None:
    store, _ = duplicates(dedup_entries_per_peer_max=4)
    put(store, ROUTE, range(20_000))
    assert len(store._order) < 5000
