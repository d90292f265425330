"""Webhooks are signed as Standard Webhooks says."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from parking.notices.webhooks.signing import (
    is_genuine,
    message_id,
    new_secret,
    shown_secret,
    signed_headers,
)

# The example of the specification's reference libraries.
SECRET = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
MESSAGE, STAMP = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
THEN = datetime.fromtimestamp(STAMP, UTC)


def test_the_published_example_comes_out() -> None:
    assert signed_headers(MESSAGE, THEN, BODY, [SECRET]) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": str(STAMP),
        "webhook-signature": SIGNATURE,
    }


def test_either_secret_is_good_while_both_sign() -> None:
    former, present = new_secret(), new_secret()
    headers = signed_headers(MESSAGE, THEN, BODY, [present, former])
    assert len(headers["webhook-signature"].split()) == 2
    for secret in (former, present):
        assert is_genuine(headers, BODY, secret, THEN)
    assert not is_genuine(headers, BODY, new_secret(), THEN)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": str(STAMP + 1)},
        {"webhook-timestamp": "soon"},
        {"webhook-signature": SIGNATURE.replace("v1,", "v2,")},
        {"webhook-signature": "v1,ü"},
        {"webhook-signature": ""},
    ],
)
def test_what_is_changed_is_not_genuine(change: dict[str, str]) -> None:
    headers = signed_headers(MESSAGE, THEN, BODY, [SECRET])
    assert is_genuine(headers, BODY, SECRET, THEN)
    assert not is_genuine(headers | change, BODY, SECRET, THEN)
    assert not is_genuine(headers, BODY + b" ", SECRET, THEN)


@pytest.mark.parametrize(("minutes", "expected"), [(-6, False), (-5, True), (5, True), (6, False)])
def test_an_old_message_is_not_taken_again(minutes: int, expected: bool) -> None:
    headers = signed_headers(MESSAGE, THEN, BODY, [SECRET])
    assert is_genuine(headers, BODY, SECRET, THEN + timedelta(minutes=minutes)) == expected


def test_a_secret_is_shown_as_receivers_libraries_take_it() -> None:
    secret = new_secret()
    shown = shown_secret(secret)
    assert base64.b64decode(shown.removeprefix("whsec_")) == secret
    assert 24 <= len(secret) <= 64
    assert message_id(7, THEN) == f"msg_7_{STAMP}"
