"""The replay window, held against aiocoap's."""

from aiocoap.oscore import ReplayWindow as Theirs
from hypothesis import given
from hypothesis import strategies as st

from coap_gateway.stack.replay import ReplayWindow


@given(st.integers(0, 100), st.lists(st.integers(0, 300), max_size=200))
def test_it_accepts_what_aiocoaps_window_of_the_same_size_accepts(
    start: int, sequences: list[int]
) -> None:
    """aiocoap counts from the lowest number it tracks, so it may keep a few older ones longer."""
    ours, seen = ReplayWindow(32), set(range(start + 1))
    ours.start_at(start)
    highest = start
    for sequence in sequences:
        expected = sequence not in seen and sequence > highest - 32
        assert ours.is_new(sequence) == expected
        if expected:
            ours.strike(sequence)
            seen.add(sequence)
            highest = max(highest, sequence)


@given(st.lists(st.integers(0, 400), max_size=100))
def test_what_aiocoap_calls_a_replay_is_a_replay_here(sequences: list[int]) -> None:
    ours, theirs = ReplayWindow(32), Theirs(32, lambda: None)
    ours.start_at(0)
    theirs.initialize_from_freshlyseen(0)
    for sequence in sequences:
        if ours.is_new(sequence):
            assert theirs.is_valid(sequence)
            ours.strike(sequence)
            theirs.strike_out(sequence)


def test_it_is_uninitialised_until_told_a_fresh_number() -> None:
    window = ReplayWindow(32)
    assert not window.initialised
    window.start_at(0)
    assert window.initialised


def test_a_jump_of_any_size_leaves_a_working_window() -> None:
    window = ReplayWindow(64)
    window.start_at(3)
    window.strike(2**40 - 1)
    assert not window.is_new(2**40 - 1)
    assert window.is_new(2**40 - 2)
    assert not window.is_new(4)
