"""Access tokens: ours, unexpired and untouched, or refused."""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import jwt
import pytest
from jwt.utils import base64url_encode

from parking.accounts.access_tokens import (
    ACCESS_LIFETIME,
    AccessTokens,
    issue_access,
    read_access,
)
from parking.accounts.keys import SecretTooShort, derive_keys
from parking.clock import TestClock
from parking.errors import Unauthenticated
from tests.support.people import SECRET

KEYS = derive_keys(SECRET)
NOW = TestClock().now()


def forged(
    key: bytes = KEYS.access[KEYS.access_kid], kid: str = KEYS.access_kid, **claims: Any
) -> str:
    """A token with other claims, key or key id than ours."""
    good = jwt.decode(issue_access(KEYS, 7, "f", NOW)[0], options={"verify_signature": False})
    return jwt.encode(good | claims, key, "HS256", headers={"kid": kid})


def signed_with_nothing(token: str) -> str:
    """The same token with the signature that an empty key gives."""
    text = token.rpartition(".")[0]
    signature = hmac.new(b"", text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64url_encode(signature).decode()}"


def test_a_token_says_who_and_until_when() -> None:
    token, expires_at = issue_access(KEYS, 7, "family", NOW)
    claims = read_access(KEYS, token, NOW)
    assert (claims.person_id, claims.family) == (7, "family")
    assert claims.expires_at == expires_at == NOW + ACCESS_LIFETIME


def test_a_token_names_no_roles() -> None:
    claims = jwt.decode(issue_access(KEYS, 7, "f", NOW)[0], options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "sub", "sid", "jti", "iat", "exp"}


def test_a_token_ends_at_its_second() -> None:
    token, expires_at = issue_access(KEYS, 7, "f", NOW)
    assert read_access(KEYS, token, expires_at - timedelta(seconds=1)).person_id == 7
    with pytest.raises(Unauthenticated):
        read_access(KEYS, token, expires_at)


@pytest.mark.parametrize(
    "token",
    [
        forged(key=b"another key of thirty-two bytes!"),
        forged(kid="unknown"),
        signed_with_nothing(forged(kid="unknown")),
        forged(iss="elsewhere"),
        forged(aud="elsewhere"),
        forged(sub="seven"),
        forged(exp="never"),
        forged(exp=10**30),
        jwt.encode({"sub": "7", "sid": "f"}, "", "none", headers={"kid": KEYS.access_kid}),
        "",
        "a.b.c",
        "not a token",
    ],
)
def test_a_forged_or_foreign_token_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        read_access(KEYS, token, NOW)


def test_control_the_forger_makes_good_tokens_when_it_changes_nothing() -> None:
    assert read_access(KEYS, forged(), NOW).person_id == 7


def test_a_remembered_token_is_verified_once_and_still_expires(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tokens, (token, expires_at) = AccessTokens(KEYS), issue_access(KEYS, 7, "f", NOW)
    first = tokens.read(token, NOW)
    monkeypatch.setattr("parking.accounts.access_tokens.read_access", None)
    assert tokens.read(token, NOW) is first
    with pytest.raises(Unauthenticated):
        tokens.read(token, expires_at)


def test_a_forged_token_is_not_remembered() -> None:
    tokens = AccessTokens(KEYS)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            tokens.read(forged(kid="unknown"), NOW)


def test_a_former_secret_verifies_and_no_longer_signs() -> None:
    token, _ = issue_access(KEYS, 7, "f", NOW)
    renewed = derive_keys("the next secret, also long enough for this", [SECRET])
    assert read_access(renewed, token, NOW).person_id == 7
    with pytest.raises(Unauthenticated):
        read_access(KEYS, issue_access(renewed, 7, "f", NOW)[0], NOW)


def test_keys_differ_by_purpose_and_stay_out_of_logs() -> None:
    assert len({KEYS.codes, KEYS.refresh, *KEYS.access.values()}) == 3
    assert KEYS.codes.hex()[:8] not in repr(KEYS)
    assert repr(KEYS.codes) not in repr(KEYS)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(SecretTooShort):
        derive_keys("short")
