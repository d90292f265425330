"""The installation's secret, made into one key per purpose."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from parking.errors import BerthError

SECRET_CHARACTERS_MIN = 32
KEY_BYTES = 32


class SecretTooShort(BerthError):
    """`BERTH_SECRET_KEY` is too short to derive keys from."""

    code = "SECRET_TOO_SHORT"


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """Keys derived from one secret. Has no `repr`, so no log shows them.

    `access` maps key id (`kid`) to key and may hold those of former secrets, so that a change of
    secret does not end every access token at once; `access_kid` is the one that signs. `links`
    authenticate the links to bookings, `pictures` those of rotating grant codes, `photos` the
    addresses of photos: the first makes them, those of former secrets are good.
    """

    codes: bytes
    refresh: bytes
    access: Mapping[str, bytes]
    access_kid: str
    links: tuple[bytes, ...]
    pictures: tuple[bytes, ...]
    photos: tuple[bytes, ...]


def derive_keys(secret: str, former: Sequence[str] = ()) -> Keys:
    """All keys of `secret` (`BERTH_SECRET_KEY`); tokens signed under `former` ones stay good.

    Raises `SecretTooShort`.
    """
    if min(map(len, (secret, *former))) < SECRET_CHARACTERS_MIN:
        raise SecretTooShort(
            f"the secret key has fewer than {SECRET_CHARACTERS_MIN} characters; "
            "make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    signing = [_derive(each, "access token") for each in (secret, *former)]
    return Keys(
        codes=_derive(secret, "sign-in code"),
        refresh=_derive(secret, "refresh token"),
        access={_key_id(key): key for key in signing},
        access_kid=_key_id(signing[0]),
        links=tuple(_derive(each, "booking link") for each in (secret, *former)),
        pictures=tuple(_derive(each, "grant code picture") for each in (secret, *former)),
        photos=tuple(_derive(each, "position photo") for each in (secret, *former)),
    )


def _derive(secret: str, purpose: str) -> bytes:
    # RFC 5869; the purpose keeps one key from standing in for another.
    kdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"berth {purpose}".encode())
    return kdf.derive(secret.encode())


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"kid" + key).hexdigest()[:12]
