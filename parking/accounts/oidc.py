"""Sign-in with somebody else's proof: OpenID Connect issuers, verified by their published keys."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
from jwt.types import Options

from parking.errors import BerthError, Unauthenticated

ALGORITHMS = ("RS256", "ES256", "EdDSA")
"""Signatures only: a shared-secret algorithm would let the public key be used as the secret."""
KEYS_KEPT_SECONDS = 300
KEYS_TIMEOUT_SECONDS = 5
CLOCK_SKEW_MAX = timedelta(seconds=30)
SUBJECT_CHARACTERS_MAX = 255
"""OpenID Connect Core section 2, `sub`."""

_NO_TIMES: Options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}


class IssuerInvalid(BerthError):
    """An issuer in the settings cannot be used."""

    code = "ISSUER_INVALID"


@dataclass(frozen=True, slots=True)
class ExternalClaims:
    """What a verified external token says; `expires_at` is UTC."""

    issuer: str
    subject: str
    name: str
    expires_at: datetime


class OidcIssuer:
    """One issuer that we trust: tokens with its `iss`, for our `audience`, signed by its keys."""

    def __init__(self, issuer: str, jwks_uri: str, audience: str) -> None:
        parts = urlsplit(jwks_uri)
        is_local = parts.hostname in ("127.0.0.1", "localhost", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
            raise IssuerInvalid(f"{jwks_uri!r} is no https address; keys must not be tampered with")
        self.issuer = issuer
        self._audience = audience
        self._keys = jwt.PyJWKClient(
            jwks_uri, lifespan=KEYS_KEPT_SECONDS, timeout=KEYS_TIMEOUT_SECONDS
        )

    async def verify(self, token: str, now: datetime) -> ExternalClaims:
        """The claims of a genuine token for us. Raises `Unauthenticated`."""
        try:
            # The client is blocking (urllib) and keeps keys itself, with a pause between fetches
            # for unknown key ids.
            key = await asyncio.to_thread(self._keys.get_signing_key_from_jwt, token)
            claims = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=self._audience,
                issuer=self.issuer,
                options={**_NO_TIMES, "require": ["iss", "aud", "sub", "exp"]},
            )
            return _claims(claims, now)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError) as error:
            raise Unauthenticated(
                f"the token of {self.issuer} could not be verified; sign in there again"
            ) from error


async def verify_external(
    issuers: Sequence[OidcIssuer], token: str, now: datetime
) -> ExternalClaims | None:
    """The claims of a token from one of `issuers`, or None when it names none of them.

    Raises `Unauthenticated` when it names one and is not good.
    """
    named = _unverified_issuer(token) if issuers else None
    for issuer in issuers:
        if issuer.issuer == named:
            return await issuer.verify(token, now)
    return None


def _unverified_issuer(token: str) -> str | None:
    try:
        claims = jwt.decode(token, options={"verify_signature": False, **_NO_TIMES})
    except jwt.PyJWTError:
        return None
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) else None


def _claims(claims: dict[str, Any], now: datetime) -> ExternalClaims:
    expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
    not_before = datetime.fromtimestamp(int(claims.get("nbf", 0)), UTC)
    if expires_at <= now - CLOCK_SKEW_MAX or not_before > now + CLOCK_SKEW_MAX:
        raise ValueError("expired, or not valid yet")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 1 <= len(subject) <= SUBJECT_CHARACTERS_MAX:
        raise ValueError("no usable subject")
    name = claims.get("name")
    return ExternalClaims(claims["iss"], subject, name if isinstance(name, str) else "", expires_at)
