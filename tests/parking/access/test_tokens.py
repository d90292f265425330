"""COSE_Sign1 and CWT against published examples and another implementation's bytes."""

from dataclasses import replace
from datetime import UTC, datetime

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from parking.access.base45 import b45encode
from parking.access.cose import (
    CoseError,
    SignatureFalse,
    key_set,
    parse_key_set,
    parse_sign1,
    sign1,
    verify,
)
from parking.access.cwt import (
    Claims,
    TokenUnreadable,
    audience,
    is_for,
    parse_token,
    sign_token,
    token_hash,
    verified_claims,
)

SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
"""RFC 8032 section 7.1, test 1; the COSE working group's examples use it too."""
KEY = Ed25519PrivateKey.from_private_bytes(SECRET)
KID = b"\x01\x02\x03\x04"

WORKING_GROUP = bytes.fromhex(
    "d28445a201270300a10442313154546869732069732074686520636f6e74656e742e58407142fd2ff96d56db85bee9"
    "05a76ba1d0b7321a95c8c4d3607c5781932b7afb8711497dfa751bf40b58b3bcc32300b1487f3db34085eef013bf08"
    "f4a44d6fef0d"
)
"""github.com/cose-wg/Examples, eddsa-examples/eddsa-sig-01."""

OTHERS = bytes.fromhex(
    "d28443a10127a10444010203045833a70165626572746802653132333435036631322f333435041a695b6fbc051a69"
    "5b6170061a695b6f800748010203040506070858405823ab5e74c331b70caad50c55438cd1229942150a791cd4a622"
    "cbc675849be7c22749fad98b15eb2d7416c44094c421a23ef82c98489964ed8b1f4bc9f2fe0c"
)
"""`CLAIMS` as python-cwt 3.3.0 encodes and signs them, with the kid in the unprotected header."""


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


CLAIMS = Claims(
    12345, 12, 345, at(1767596400), at(1767600000), at(1767600060), bytes(range(1, 9))
)  # fmt: skip


def test_the_working_groups_example_is_read() -> None:
    message = parse_sign1(WORKING_GROUP)
    assert (message.kid, verify(message, PUBLIC)) == (b"11", b"This is the content.")


def test_another_implementations_token_is_read() -> None:
    message = parse_token(OTHERS)
    assert message.kid == KID
    assert verified_claims(message, PUBLIC) == CLAIMS


def test_a_token_comes_back_and_is_small() -> None:
    token = sign_token(CLAIMS, KID, KEY)
    assert verified_claims(parse_token(token), PUBLIC) == CLAIMS
    assert sign_token(CLAIMS, KID, KEY) == token
    assert (len(token), len(b45encode(token))) == (132, 198)


def is_good(token: bytes) -> bool:
    try:
        message = parse_token(token)
        return message.kid == KID and bool(verified_claims(message, PUBLIC))
    except (SignatureFalse, TokenUnreadable):
        return False


def test_a_changed_bit_is_noticed_wherever_it_is() -> None:
    token = sign_token(CLAIMS, KID, KEY)
    assert is_good(token)
    for index in range(len(token)):
        changed = bytearray(token)
        changed[index] ^= 1
        assert not is_good(bytes(changed)), index


def test_another_key_is_noticed() -> None:
    token = sign_token(CLAIMS, KID, Ed25519PrivateKey.generate())
    with pytest.raises(SignatureFalse):
        verified_claims(parse_token(token), PUBLIC)


@pytest.mark.parametrize(
    "message",
    [
        b"", b"\x00", b"\xff" * 40, cbor2.dumps([b"", {}, b"", b""]), cbor2.dumps({}), b"x" * 2000,
        cbor2.dumps(cbor2.CBORTag(18, [cbor2.dumps({1: -7}), {}, b"", bytes(64)])),
        cbor2.dumps(cbor2.CBORTag(18, [cbor2.dumps({1: -8, 2: [9]}), {}, b"", bytes(64)])),
        cbor2.dumps(cbor2.CBORTag(18, [cbor2.dumps({1: -8, 4: 7}), {}, b"", bytes(64)])),
        cbor2.dumps(cbor2.CBORTag(17, [cbor2.dumps({1: -8}), {}, b"", bytes(64)])),
    ],
)  # fmt: skip
def test_what_is_no_signed_message_is_refused(message: bytes) -> None:
    """Among it another algorithm, a critical header, a key id that is none, a MAC."""
    with pytest.raises(CoseError):
        parse_sign1(message)


@pytest.mark.parametrize(
    "change", [{1: "other"}, {2: 7}, {2: "-1"}, {3: "12"}, {3: ["12/345"]}, {4: 1.5}, {5: -1},
               {6: "now"}, {7: "text"}, {7: b"short"}],
)  # fmt: skip
def test_other_claims_are_no_credential(change: dict[int, object]) -> None:
    good = cbor2.loads(parse_token(OTHERS).payload)
    token = sign1(cbor2.dumps(good | change), KID, KEY)
    with pytest.raises(TokenUnreadable):
        verified_claims(parse_token(token), PUBLIC)


def test_a_token_is_for_its_bay_and_its_place() -> None:
    assert is_for(CLAIMS, audience(12, 345))
    assert is_for(CLAIMS, audience(12))
    others = [(12, 34), (12, 3450), (1, None), (1, 345), (123, 345)]
    assert not any(is_for(CLAIMS, audience(*other)) for other in others)
    assert not is_for(replace(CLAIMS, place_id=1, space_id=2345), audience(12, 345))


def test_a_key_set_comes_back() -> None:
    """RFC 9052 section 7: an array of keys; a reader leaves those out that it cannot use."""
    keys = cbor2.loads(key_set([(KID, PUBLIC)]))
    assert keys == [{1: 1, 2: KID, 3: -8, -1: 6, -2: PUBLIC}]
    elliptic = {1: 2, 2: b"p", -1: 1, -2: bytes(32), -3: bytes(32)}
    assert parse_key_set(cbor2.dumps([*keys, elliptic])) == {KID: PUBLIC}


def test_a_tokens_hash_is_that_of_its_base64url_text() -> None:
    """RFC 9770: the number of the suite (1 is SHA-256, RFC 6920), then the hash of `AP8`."""
    hashed = "cfd3d1dbf83f4ef0342838b0fb0efa82d37bb4cb971f359a6b3f4b6bc9e05af1"
    assert token_hash(b"\x00\xff") == b"\x01" + bytes.fromhex(hashed)
