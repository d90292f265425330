"""The person behind an external identity."""

from datetime import datetime

from parking.accounts.audit import record_audit
from parking.accounts.oidc import ExternalClaims
from parking.accounts.people import NAME_CHARACTERS_MAX
from parking.accounts.texts import LOCALE_DEFAULT
from parking.accounts.viewer import Viewer
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction


async def person_for_identity(claims: ExternalClaims, now: datetime) -> int:
    """The id of the person that (issuer, subject) stands for; made at the first time.

    An e-mail address in the token is not taken as proof of one of ours: whoever runs the issuer
    could take over any account with it.
    """

    async def once() -> int:
        async with transaction() as sql:
            return await _find(sql, claims) or await _make(sql, claims, now)

    return await retried(once)


async def _find(sql: Sql, claims: ExternalClaims) -> int | None:
    row = await sql.fetch_one(
        "SELECT person_id FROM external_identity WHERE issuer = $1 AND subject = $2",
        claims.issuer,
        claims.subject,
    )
    return row["person_id"] if row else None


async def _make(sql: Sql, claims: ExternalClaims, now: datetime) -> int:
    name = " ".join("".join(c for c in claims.name if c.isprintable()).split())
    rows = await sql.fetch(
        "INSERT INTO person (name, locale, created_at) VALUES ($1, $2, $3) RETURNING id",
        name[:NAME_CHARACTERS_MAX],
        LOCALE_DEFAULT,
        now,
    )
    person_id: int = rows[0]["id"]
    linked = await sql.execute(
        "INSERT INTO external_identity (person_id, issuer, subject, created_at)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT (issuer, subject) DO NOTHING",
        person_id,
        claims.issuer,
        claims.subject,
        now,
    )
    if linked == 0:  # another request of the same newcomer was first: this person is one too many
        await sql.execute("DELETE FROM person WHERE id = $1", person_id)
        found = await _find(sql, claims)
        assert found is not None, "the conflicting row is committed, else there is no conflict"
        return found
    detail = {"by": claims.issuer}
    viewer = Viewer(person_id=person_id)
    await record_audit(sql, viewer, "sign_in", f"person:{person_id}", None, detail, now)
    return person_id
