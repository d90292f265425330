"""Short-lived access tokens: JSON Web Tokens (RFC 7519) that say who, never what one may do."""

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
from jwt.types import Options

from parking.accounts.keys import Keys
from parking.errors import Unauthenticated

ACCESS_LIFETIME = timedelta(minutes=15)
ALGORITHM = "HS256"
ISSUER = "berth"
AUDIENCE = "berth"
VERIFIED_MAX = 10_000
"""How many verified tokens a process remembers."""

# Times are compared with the injected clock, below; PyJWT would ask the system's.
_NO_TIMES: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a genuine, unexpired token says. Times are UTC, to the second."""

    person_id: int
    family: str
    expires_at: datetime


def issue_access(
    keys: Keys, person_id: int, family: str, now: datetime, lifetime: timedelta = ACCESS_LIFETIME
) -> tuple[str, datetime]:
    """A signed token for `person_id` in the sign-in `family`, and when it expires."""
    expires_at = (now + lifetime).replace(microsecond=0)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(person_id),
        "sid": family,
        "jti": secrets.token_urlsafe(12),
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    key = keys.access[keys.access_kid]
    return jwt.encode(claims, key, ALGORITHM, headers={"kid": keys.access_kid}), expires_at


class AccessTokens:
    """Reads access tokens and remembers those it has verified, because a signature costs ten
    times the rest. What a token says never changes; its time is looked at every time."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._verified: OrderedDict[bytes, AccessClaims] = OrderedDict()

    def read(self, token: str, now: datetime) -> AccessClaims:
        """The claims of a token we signed. Raises `Unauthenticated` as `read_access` does."""
        # Kept by digest, so that no list of usable tokens lies in memory.
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        claims = self._verified.get(digest)
        if claims is None:
            claims = read_access(self._keys, token, now)
            self._verified[digest] = claims
            if len(self._verified) > VERIFIED_MAX:
                self._verified.popitem(last=False)
        if claims.expires_at <= now:
            self._verified.pop(digest, None)
            raise _expired()
        return claims


def read_access(keys: Keys, token: str, now: datetime) -> AccessClaims:
    """The claims of a token we signed. Raises `Unauthenticated` when forged, foreign or expired."""
    try:
        key = keys.access[str(jwt.get_unverified_header(token).get("kid"))]
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={**_NO_TIMES, "require": ["iss", "aud", "sub", "sid", "jti", "iat", "exp"]},
        )
        expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
        person_id, family = int(claims["sub"]), str(claims["sid"])
    except (jwt.PyJWTError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise Unauthenticated("the access token is not one of ours; sign in again") from error
    if expires_at <= now:
        raise _expired()
    return AccessClaims(person_id, family, expires_at)


def _expired() -> Unauthenticated:
    return Unauthenticated("the access token has expired; refresh it or sign in again")
