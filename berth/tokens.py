"""Signing people in from the command line."""

from datetime import timedelta

from berth.demo.people import demo_person_id
from berth.secret import secret_of
from berth.settings import Settings
from parking.accounts.addresses import parse_address
from parking.accounts.audit import record_audit
from parking.accounts.keys import derive_keys
from parking.accounts.models import Role
from parking.accounts.sign_ins import SignedIn, start_sign_in
from parking.accounts.viewer import SYSTEM
from parking.clock import Clock, SystemClock
from parking.errors import BerthError
from parking.storage.sql import database
from parking.storage.transactions import transaction


class NobodyFound(BerthError):
    """Nobody has this role or address."""

    code = "NOBODY_FOUND"


async def token_for(
    settings: Settings, who: str, lifetime: timedelta, clock: Clock | None = None
) -> SignedIn:
    """A sign-in of the demo person of a role, or of the person with an address.

    Raises `NobodyFound` or `InvalidInput`. The database must be connected.
    """
    person_id = await person_called(who)
    keys, clock = derive_keys(secret_of(settings)), clock or SystemClock()
    async with transaction() as sql:
        signed_in = await start_sign_in(person_id, clock=clock, keys=keys, access_lifetime=lifetime)
        detail = {"hours": lifetime / timedelta(hours=1)}
        subject = f"person:{person_id}"
        await record_audit(sql, SYSTEM, "issue_token", subject, None, detail, clock.now())
    return signed_in


async def demo_tokens(settings: Settings, lifetime: timedelta) -> dict[Role, SignedIn]:
    """A sign-in for each demo person that is in the database."""
    return {
        role: await token_for(settings, role.value, lifetime)
        for role in Role
        if await demo_person_id(role) is not None
    }


async def person_called(who: str) -> int:
    """The demo person of a role, or the person with an address. Raises like `token_for`."""
    if who.upper() in set(Role):
        person_id = await demo_person_id(Role(who.upper()))
        if person_id is None:
            raise NobodyFound(
                f"there is no demo {who.lower()} in this database; run `berth seed`, or give the "
                "address of somebody who has an account"
            )
        return person_id
    address = parse_address(who, "ROLE|ADDRESS")
    column = {"phone": "phone", "email": "email"}[address.kind]
    row = await database().fetch_one(f"SELECT id FROM person WHERE {column} = $1", address.value)
    if row is None:
        raise NobodyFound(f"nobody with the address {address.value} has an account here")
    return int(row["id"])
