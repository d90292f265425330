"""People: found by an address they proved, and what they say of themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.accounts.addresses import Address
from parking.accounts.audit import record_audit
from parking.accounts.rules import require_person
from parking.accounts.texts import best_locale, parse_locale
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, Unauthenticated
from parking.storage.sql import Sql, as_time, database
from parking.storage.transactions import transaction

NAME_CHARACTERS_MAX = 200

_COLUMNS = "id, name, phone, email, locale, created_at"


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as they see themselves. `phone` is E.164, `created_at` UTC."""

    id: int
    name: str
    phone: str | None
    email: str | None
    locale: str
    created_at: datetime


async def find_or_make_person(sql: Sql, address: Address, locale: str, now: datetime) -> Profile:
    """The person whose proven address this is; made now if there is none."""
    column = {"phone": "phone", "email": "email"}[address.kind]
    await sql.execute(
        f"INSERT INTO person (name, {column}, locale, created_at) VALUES ('', $1, $2, $3)"
        f" ON CONFLICT ({column}) DO NOTHING",
        address.value,
        best_locale(locale),
        now,
    )
    rows = await sql.fetch(f"SELECT {_COLUMNS} FROM person WHERE {column} = $1", address.value)
    return _profile(rows[0])


async def make_nameless_person(sql: Sql, locale: str, now: datetime) -> int:
    """A person without any address, who never signs in: a guest of whom nothing else is known; the
    id."""
    [row] = await sql.fetch(
        "INSERT INTO person (name, locale, created_at) VALUES ('', $1, $2) RETURNING id",
        best_locale(locale),
        now,
    )
    return int(row["id"])


async def person_of(sql: Sql, person_id: int) -> Profile | None:
    """The person with this id."""
    row = await sql.fetch_one(f"SELECT {_COLUMNS} FROM person WHERE id = $1", person_id)
    return _profile(row) if row else None


async def own_profile(viewer: Viewer) -> Profile:
    """What the viewer sees of themselves. Raises `Unauthenticated`, `NotPermitted`."""
    return await _existing(database(), require_person(viewer))


async def edit_profile(
    viewer: Viewer, *, name: str | None = None, locale: str | None = None, clock: Clock
) -> Profile:
    """Change the viewer's own name or language (None: leave as it is).

    Raises `InvalidInput`, `Unauthenticated`, `NotPermitted`.
    """
    person_id = require_person(viewer)
    new_name = None if name is None else parse_name(name, empty=True)
    new_locale = None if locale is None else parse_locale(locale)
    async with transaction() as sql:
        before = await _existing(sql, person_id)
        await sql.execute(
            "UPDATE person SET name = $2, locale = $3 WHERE id = $1",
            person_id,
            before.name if new_name is None else new_name,
            new_locale or before.locale,
        )
        changed = [word for word, new in (("name", new_name), ("locale", new_locale)) if new]
        subject = f"person:{person_id}"
        await record_audit(
            sql, viewer, "edit_profile", subject, None, {"changed": changed}, clock.now()
        )
        return await _existing(sql, person_id)


def parse_name(text: str, field: str = "name", *, empty: bool = False) -> str:
    """A name without surrounding spaces. Raises `InvalidInput` naming `field`."""
    name = " ".join(text.split())
    if len(name) > NAME_CHARACTERS_MAX or not name.isprintable() or not (name or empty):
        raise InvalidInput(
            field, f"a name has {0 if empty else 1} to {NAME_CHARACTERS_MAX} printable characters"
        )
    return name


async def _existing(sql: Sql, person_id: int) -> Profile:
    profile = await person_of(sql, person_id)
    if profile is None:
        raise Unauthenticated("this account does not exist any more; sign in again")
    return profile


def _profile(row: dict[str, Any]) -> Profile:
    return Profile(**{**row, "created_at": as_time(row["created_at"])})
