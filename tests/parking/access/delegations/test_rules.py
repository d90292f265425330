"""What a delegated exit right counts as at an instant, beside the stay that it is of; and its claim
in a token, which readers of before do not know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from parking.access.cose import sign1
from parking.access.cwt import (
    CTI,
    DELEGATION,
    Claims,
    TokenUnreadable,
    parse_token,
    sign_token,
    verified_claims,
)
from parking.access.delegations.records import EXIT_WAY, DelegationRecord
from parking.access.delegations.rules import LIVE, MACHINE, Act, next_state, standing
from parking.access.models import DelegationPayer
from parking.access.models import DelegationState as State
from parking.errors import Conflict
from parking.reservations.models import ReservationState as Stay

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
UNTIL, LEFT = NOON + timedelta(hours=2), NOON + timedelta(hours=1)


def right(
    state: State = State.ACTIVE, stay: Stay = Stay.ACTIVE, **values: object
) -> DelegationRecord:
    given: dict[str, object] = {
        "id": 5, "reservation_id": 7, "place_id": 1, "person_id": 2, "fetcher_id": None,
        "position_id": None, "binding_id": None, "label": "", "payer": DelegationPayer.OWNER,
        "amount_max_minor": None, "currency": "EUR", "state": state, "valid_until": UNTIL,
        "created_at": NOON, "accepted_at": None, "opened_at": None, "used_at": None,
        "used_device_id": None, "ended_at": None, "told_version": 0, "version": 1,
        "stay_state": stay, "stay_space_id": 3, "stay_ended_at": None, "has_gate": True,
    }  # fmt: skip
    return DelegationRecord(**(given | values))  # type: ignore[arg-type]


LEFT_BY_GATE = {"stay": Stay.COMPLETED, "stay_ended_at": LEFT}
LEFT_NO_GATE = {**LEFT_BY_GATE, "has_gate": False}
ON_THE_WAY, ARRIVED = LEFT + EXIT_WAY - timedelta(seconds=1), LEFT + EXIT_WAY


@pytest.mark.parametrize(
    ("state", "values", "at", "expected"),
    [
        (State.OFFERED, {}, NOON, State.OFFERED),
        (State.ACTIVE, {"stay": Stay.CONFIRMED}, NOON, State.ACTIVE),
        (State.LEAVING, {}, UNTIL - timedelta(seconds=1), State.LEAVING),
        (State.OFFERED, {}, UNTIL, State.EXPIRED),
        (State.ACTIVE, {}, UNTIL, State.EXPIRED),
        (State.LEAVING, {}, UNTIL, State.EXPIRED),
        (State.OFFERED, LEFT_BY_GATE, LEFT, State.ENDED),
        (State.ACTIVE, LEFT_BY_GATE, ON_THE_WAY, State.ACTIVE),
        (State.ACTIVE, LEFT_BY_GATE, ARRIVED, State.ENDED),
        (State.LEAVING, LEFT_BY_GATE, ON_THE_WAY, State.LEAVING),
        (State.LEAVING, LEFT_BY_GATE, ARRIVED, State.USED),
        (State.ACTIVE, LEFT_NO_GATE, LEFT, State.ENDED),
        (State.LEAVING, LEFT_NO_GATE, LEFT, State.USED),
        (State.LEAVING, {**LEFT_BY_GATE, "valid_until": LEFT}, LEFT, State.USED),
        (State.ACTIVE, {**LEFT_BY_GATE, "valid_until": LEFT}, LEFT, State.EXPIRED),
        (State.ACTIVE, {"stay": Stay.CANCELLED}, NOON, State.ENDED),
        (State.ACTIVE, {"stay": Stay.NO_SHOW}, NOON, State.ENDED),
        *((final, {}, UNTIL, final) for final in sorted(set(State) - LIVE)),
    ],
)
def test_what_it_counts_as(
    state: State, values: dict[str, object], at: datetime, expected: State
) -> None:
    given = {name: value for name, value in values.items() if name != "stay"}
    stay = values.get("stay", Stay.ACTIVE)
    assert isinstance(stay, Stay)
    assert standing(right(state, stay, **given), at) is expected


def test_only_live_rights_change_and_only_as_the_machine_says() -> None:
    for act, state in product(Act, State):
        if state in MACHINE[act]:
            assert state in LIVE
            assert next_state(act, state) is MACHINE[act][state]
        else:
            with pytest.raises(Conflict):
                next_state(act, state)


CLAIMS = Claims(7, 1, 3, NOON, NOON, NOON + timedelta(minutes=1), bytes(8))
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


def read(token: bytes) -> Claims:
    return verified_claims(parse_token(token), PUBLIC)


def test_the_claim_is_a_private_one_and_optional() -> None:
    assert DELEGATION < -65_536  # RFC 8392 section 9.1
    delegated = replace(CLAIMS, delegation_id=5)
    for claims in (CLAIMS, delegated):
        assert read(sign_token(claims, b"kid", KEY)) == claims
    plain, more = sign_token(CLAIMS, b"kid", KEY), sign_token(delegated, b"kid", KEY)
    said, also = (cbor2.loads(parse_token(each).payload) for each in (plain, more))
    assert also == said | {DELEGATION: "5"}


@pytest.mark.parametrize("value", [5, "x", "-1", b"5", ""])
def test_what_names_no_right_is_no_token_of_ours(value: object) -> None:
    said = cbor2.loads(parse_token(sign_token(CLAIMS, b"kid", KEY)).payload)
    assert CTI in said
    with pytest.raises(TokenUnreadable):
        read(sign1(cbor2.dumps(said | {DELEGATION: value}), b"kid", KEY))
