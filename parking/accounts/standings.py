"""What a proven identity may do now: roles and scopes from the database, kept for seconds."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from parking.accounts.models import Role
from parking.accounts.viewer import NO_ROLES
from parking.clock import Clock
from parking.ids import token_hash
from parking.storage.sql import as_time_or_none, database

KEPT_MAX = timedelta(seconds=5)
"""How old a standing may be: so long another process's change of a role can go unnoticed here."""
STANDINGS_MAX = 10_000
LAST_USED_GRAIN = timedelta(minutes=1)
"""`last_used_at` of an API key is written at most this often."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who it is and what they hold. An API key's organisation is in `roles` with an empty set."""

    person_id: int | None = None
    api_key_id: int | None = None
    roles: Mapping[int, frozenset[Role]] = field(default_factory=lambda: NO_ROLES)
    scopes: frozenset[str] = frozenset()
    sign_in: str | None = None


Load: TypeAlias = Callable[[], Awaitable[Standing | None]]


class Standings:
    """Standings by what proves them, for one process; never older than `KEPT_MAX`.

    Whoever changes a standing in this process calls `forget_*` after the commit, and it is gone at
    once; other processes notice within `KEPT_MAX`.
    """

    def __init__(self, clock: Clock, kept_max: timedelta = KEPT_MAX) -> None:
        self._clock = clock
        self._kept_max = kept_max
        self._kept: OrderedDict[tuple[Any, ...], tuple[datetime, Standing]] = OrderedDict()
        self._forgettings = 0

    async def of_sign_in(self, family: str, person_id: int) -> Standing | None:
        """The person's standing while the sign-in lasts, else None."""
        now = self._clock.now()
        return await self._get(
            ("family", family, person_id), lambda: _sign_in(family, person_id, now)
        )

    async def of_person(self, person_id: int) -> Standing | None:
        """The person's standing, whatever they signed in with."""
        return await self._get(("person", person_id), lambda: _person(person_id))

    async def of_external(self, issuer: str, subject: str) -> Standing | None:
        """Whom an external issuer knows as `subject`; None before the first time."""
        return await self._get(("external", issuer, subject), lambda: _external(issuer, subject))

    async def of_api_key(self, key: str) -> Standing | None:
        """The standing of an API key while it is not revoked; notes that it was used."""
        hashed, now = token_hash(key), self._clock.now()
        return await self._get(("key", hashed), lambda: _used_api_key(hashed, now))

    async def of_api_key_id(self, api_key_id: int) -> Standing | None:
        """The standing of an API key that was presented before."""
        return await self._get(("key id", api_key_id), lambda: _api_key("id", api_key_id))

    def forget_person(self, person_id: int) -> None:
        """A person's roles changed."""
        self._forget(lambda standing: standing.person_id == person_id)

    def forget_sign_in(self, family: str) -> None:
        """A sign-in ended."""
        self._forget(lambda standing: standing.sign_in == family)

    def forget_api_key(self, api_key_id: int) -> None:
        """An API key was revoked."""
        self._forget(lambda standing: standing.api_key_id == api_key_id)

    async def _get(self, proof: tuple[Any, ...], load: Load) -> Standing | None:
        now = self._clock.now()
        kept = self._kept.get(proof)
        if kept is not None and timedelta(0) <= now - kept[0] < self._kept_max:
            self._kept.move_to_end(proof)
            return kept[1]
        forgettings = self._forgettings
        standing = await load()
        self._kept.pop(proof, None)
        # What was read before somebody called forget_* may be what had to be forgotten.
        if standing is not None and forgettings == self._forgettings:
            self._kept[proof] = (now, standing)
            if len(self._kept) > STANDINGS_MAX:
                self._kept.popitem(last=False)
        return standing

    def _forget(self, concerns: Callable[[Standing], bool]) -> None:
        self._forgettings += 1
        for proof in [proof for proof, kept in self._kept.items() if concerns(kept[1])]:
            del self._kept[proof]


async def _sign_in(family: str, person_id: int, now: datetime) -> Standing | None:
    rows = await database().fetch(
        """
        SELECT m.organisation_id, m.role
        FROM sign_in s LEFT JOIN membership m ON m.person_id = s.person_id
        WHERE s.family = $1 AND s.person_id = $2 AND s.ended_at IS NULL AND s.expires_at > $3
        """,
        family,
        person_id,
        now,
    )
    return Standing(person_id, roles=_roles(rows), sign_in=family) if rows else None


async def _person(person_id: int) -> Standing | None:
    rows = await database().fetch(
        """
        SELECT m.organisation_id, m.role
        FROM person p LEFT JOIN membership m ON m.person_id = p.id WHERE p.id = $1
        """,
        person_id,
    )
    return Standing(person_id, roles=_roles(rows)) if rows else None


async def _external(issuer: str, subject: str) -> Standing | None:
    rows = await database().fetch(
        """
        SELECT e.person_id, m.organisation_id, m.role
        FROM external_identity e LEFT JOIN membership m ON m.person_id = e.person_id
        WHERE e.issuer = $1 AND e.subject = $2
        """,
        issuer,
        subject,
    )
    return Standing(rows[0]["person_id"], roles=_roles(rows)) if rows else None


async def _api_key(column: str, value: str | int) -> Standing | None:
    row = await database().fetch_one(
        "SELECT id, organisation_id, scopes FROM api_key"
        f" WHERE {column} = $1 AND revoked_at IS NULL",
        value,
    )
    if row is None:
        return None
    own: Mapping[int, frozenset[Role]] = {row["organisation_id"]: frozenset()}
    return Standing(api_key_id=row["id"], roles=own, scopes=frozenset(row["scopes"].split()))


async def _used_api_key(hashed: str, now: datetime) -> Standing | None:
    standing = await _api_key("key_hash", hashed)
    if standing is not None:
        await _note_use(hashed, now)
    return standing


async def _note_use(hashed: str, now: datetime) -> None:
    row = await database().fetch_one("SELECT last_used_at FROM api_key WHERE key_hash = $1", hashed)
    last = as_time_or_none(row["last_used_at"]) if row else now
    if last is None or now - last >= LAST_USED_GRAIN:
        await database().execute(
            "UPDATE api_key SET last_used_at = $2 WHERE key_hash = $1"
            " AND (last_used_at IS NULL OR last_used_at < $2)",
            hashed,
            now,
        )


def _roles(rows: Iterable[Mapping[str, Any]]) -> Mapping[int, frozenset[Role]]:
    held: dict[int, set[Role]] = {}
    for row in rows:
        if row["organisation_id"] is not None:
            held.setdefault(row["organisation_id"], set()).add(Role(row["role"]))
    return {organisation: frozenset(roles) for organisation, roles in held.items()}
