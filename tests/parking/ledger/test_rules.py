"""What balances, what fits, what is the same input."""

from dataclasses import replace
from typing import Any

import pytest

from parking.ledger.accounts import Account, dispute, merchant, owner, platform, property_of, tax
from parking.ledger.models import AccountKind, TransferKind
from parking.ledger.refusals import ExceedsOriginal, Unbalanced
from parking.ledger.rules import Movement, input_hash, require_within_original
from tests.parking.ledger.books import ALICE, BOB, EUR, LESSOR, OUTSIDE, POCKET, between, movement

ENTRIES = between(ALICE, POCKET, 10)
BASE = Movement("id", "code", ENTRIES, "subject", "reason", "actor")


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ({ALICE: -5, POCKET: 4}, "EUR sum to -1"),
        ({ALICE: -5, Account("escrow:7", "USD"): 5}, "EUR sum to -5"),
        ({ALICE: 0, POCKET: 0}, "moves nothing"),
        ({}, "moves nothing"),
    ],
)
def test_what_does_not_balance_is_refused(entries: dict[Account, int], told: str) -> None:
    with pytest.raises(Unbalanced, match=told):
        movement("x", entries)


@pytest.mark.parametrize(
    "words",
    [
        {"public_id": ""},
        {"public_id": "x" * 65},
        {"code": "x" * 33},
        {"subject": "x" * 41},
        {"actor": "x" * 65},
    ],
)
def test_words_have_their_length(words: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a transfer"):
        replace(BASE, **words)


def test_a_long_reason_is_cut() -> None:
    assert len(replace(BASE, reason="x" * 501).reason) == 500


def test_accounts_are_named_as_the_chart_says() -> None:
    made = [owner(7, EUR), property_of(7, EUR), merchant(7, EUR), platform(EUR), tax(EUR)]
    assert [account.name for account in made] == [
        "owner:7:payable",
        "property:7:payable",
        "merchant:7:validation",
        "platform:revenue",
        "tax:payable",
    ]
    assert dispute(3, EUR).kind is AccountKind.DISPUTE
    with pytest.raises(ValueError):
        _ = Account("cash", EUR).kind


def test_entries_of_zero_are_left_out() -> None:
    assert movement("x", {**ENTRIES, BOB: 0}).entries == ENTRIES


def digest(
    kind: TransferKind = TransferKind.DIRECT, pending: int | None = None, **more: Any
) -> str:
    changed = replace(BASE, **more)
    return input_hash(kind, changed, changed.entries, pending)


def test_the_same_input_is_the_same_whoever_asks_in_whatever_order() -> None:
    other = dict(reversed(list(ENTRIES.items())))
    assert digest(entries=other, public_id="another", actor="person:1") == digest()


@pytest.mark.parametrize(
    "more",
    [
        {"code": "x"},
        {"subject": "x"},
        {"reason": "x"},
        {"corrects_id": 1},
        {"pending": 1},
        {"kind": TransferKind.PENDING},
        {"entries": between(ALICE, POCKET, 11)},
        {"entries": between(POCKET, ALICE, 10)},
        {"entries": between(ALICE, Account("escrow:8", EUR), 10)},
        {"entries": between(Account(ALICE.name, "USD"), Account(POCKET.name, "USD"), 10)},
    ],
)
def test_another_input_is_another(more: dict[str, Any]) -> None:
    assert digest(**more) != digest()


SPLIT = {POCKET: -100, LESSOR: 70, ALICE: 30}


@pytest.mark.parametrize(
    ("entries", "corrected"),
    [
        ({POCKET: 101, LESSOR: -71, ALICE: -30}, {}),
        ({POCKET: 60, ALICE: -60}, {}),
        ({POCKET: -1, LESSOR: 1}, {}),
        ({POCKET: 1, OUTSIDE: -1}, {}),
        ({POCKET: 31, LESSOR: -31}, {POCKET: 40, LESSOR: -40}),
    ],
)
def test_no_more_is_taken_back_than_was_moved(
    entries: dict[Account, int], corrected: dict[Account, int]
) -> None:
    with pytest.raises(ExceedsOriginal):
        require_within_original(entries, SPLIT, corrected)


def test_all_or_a_part_can_be_taken_back() -> None:
    require_within_original({POCKET: 100, LESSOR: -70, ALICE: -30}, SPLIT, {})
    require_within_original({POCKET: 30, LESSOR: -30}, SPLIT, {POCKET: 40, LESSOR: -40})
