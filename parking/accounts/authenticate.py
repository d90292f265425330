"""From credentials to a viewer, and whether a viewer still is one."""

from collections.abc import Sequence
from datetime import datetime

from parking.accounts.access_tokens import AccessTokens
from parking.accounts.external_people import person_for_identity
from parking.accounts.keys import Keys
from parking.accounts.oidc import OidcIssuer, verify_external
from parking.accounts.standings import Standing, Standings
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import Clock
from parking.errors import Unauthenticated

API_KEY_PREFIX = "berth_key_"
CREDENTIALS_CHARACTERS_MAX = 8192


class Gate:
    """Decides who a request comes from; one for each process, because it holds the standings."""

    def __init__(
        self,
        keys: Keys,
        clock: Clock,
        standings: Standings,
        issuers: Sequence[OidcIssuer] = (),
    ) -> None:
        self._access = AccessTokens(keys)
        self._clock = clock
        self._standings = standings
        self._issuers = tuple(issuers)

    async def authenticate(self, credentials: str | None) -> Viewer:
        """The viewer that an `Authorization` value proves: `Bearer` and an access token, an API
        key or an external issuer's token (the word `Bearer` may be left out).

        None or an empty text is nobody: `ANONYMOUS`. Raises `Unauthenticated` for anything that
        does not prove what it claims. Signatures are compared in constant time; an API key is
        looked up by the hash of a value too long to guess.
        """
        token = _token(credentials)
        if token is None:
            return ANONYMOUS
        if token.startswith(API_KEY_PREFIX):
            return await self._by_api_key(token)
        external = await verify_external(self._issuers, token, self._clock.now())
        if external is None:
            return await self._by_access_token(token)
        standing = await self._standings.of_external(external.issuer, external.subject)
        if standing is None:
            person_id = await person_for_identity(external, self._clock.now())
            standing = await self._standings.of_person(person_id)
        return _viewer(standing, external.expires_at)

    async def revalidate(self, viewer: Viewer) -> Viewer | None:
        """The viewer as of now, with today's roles; None once the proof expired or was revoked.

        At most `KEPT_MAX` behind the database, so it is cheap to ask for every live socket.
        """
        if viewer.is_anonymous or viewer.is_system:
            return viewer
        if viewer.valid_until is not None and viewer.valid_until <= self._clock.now():
            return None
        standing = await self._standing_of(viewer)
        return None if standing is None else _viewer(standing, viewer.valid_until)

    async def is_still_valid(self, viewer: Viewer) -> bool:
        """Whether the viewer's proof still holds; roles may have changed, see `revalidate`."""
        return await self.revalidate(viewer) is not None

    async def _standing_of(self, viewer: Viewer) -> Standing | None:
        if viewer.api_key_id is not None:
            return await self._standings.of_api_key_id(viewer.api_key_id)
        assert viewer.person_id is not None
        if viewer.sign_in is not None:
            return await self._standings.of_sign_in(viewer.sign_in, viewer.person_id)
        return await self._standings.of_person(viewer.person_id)

    async def _by_api_key(self, token: str) -> Viewer:
        standing = await self._standings.of_api_key(token)
        if standing is None:
            raise Unauthenticated("this API key is unknown or revoked; make a new one")
        return _viewer(standing, None)

    async def _by_access_token(self, token: str) -> Viewer:
        claims = self._access.read(token, self._clock.now())
        standing = await self._standings.of_sign_in(claims.family, claims.person_id)
        if standing is None:
            raise Unauthenticated("this sign-in has ended; sign in again")
        return _viewer(standing, claims.expires_at)


def _token(credentials: str | None) -> str | None:
    words = (credentials or "").split()
    if len(credentials or "") > CREDENTIALS_CHARACTERS_MAX:
        raise Unauthenticated(f"credentials have at most {CREDENTIALS_CHARACTERS_MAX} characters")
    if len(words) == 2 and words[0].lower() == "bearer":
        return words[1]
    if len(words) > 1 or [word.lower() for word in words] == ["bearer"]:
        raise Unauthenticated("expected the Authorization header as: Bearer <token>")
    return words[0] if words else None


def _viewer(standing: Standing | None, valid_until: datetime | None) -> Viewer:
    if standing is None:
        raise Unauthenticated("this account does not exist any more")
    return Viewer(
        person_id=standing.person_id,
        api_key_id=standing.api_key_id,
        roles=standing.roles,
        scopes=standing.scopes,
        valid_until=valid_until,
        sign_in=standing.sign_in,
    )
