"""People for tests: what sign-in needs, and somebody who went all the way through it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from parking.accounts.authenticate import Gate
from parking.accounts.keys import Keys, derive_keys
from parking.accounts.models import Membership, Organisation, Person, Role
from parking.accounts.redeem_code import redeem_code
from parking.accounts.request_code import request_code
from parking.accounts.sign_ins import SignedIn
from parking.accounts.standings import Standings
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.notices.channel import Channel
from parking.notices.inbox import LogAndInboxChannel, inbox_messages

SECRET = "a secret for tests only, long enough to derive keys"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Desk:
    """One process's worth of what sign-in needs."""

    clock: TestClock
    keys: Keys
    channel: Channel
    standings: Standings
    gate: Gate

    async def code_for(self, address: str, source: str = "198.51.100.7") -> str:
        """A fresh code, as its receiver reads it."""
        sent = await request_code(
            address, source, clock=self.clock, keys=self.keys, channel=self.channel
        )
        return await newest_code(sent.address)

    async def redeem(self, address: str, code: str, **options: str) -> SignedIn:
        """Redeem a code from the usual source."""
        return await redeem_code(
            address, code, "198.51.100.7", clock=self.clock, keys=self.keys, **options
        )

    async def sign_in(self, address: str) -> SignedIn:
        """Ask for a code and give it back."""
        return await self.redeem(address, await self.code_for(address))

    async def viewer(self, address: str) -> Viewer:
        """Somebody signed in, as the gate sees them."""
        return await self.gate.authenticate((await self.sign_in(address)).access_token)


def make_desk(clock: TestClock, secret: str = SECRET) -> Desk:
    """A desk, as another process of the same installation would have it."""
    keys, standings = derive_keys(secret), Standings(clock)
    return Desk(clock, keys, LogAndInboxChannel(clock), standings, Gate(keys, clock, standings))


async def newest_code(address: str) -> str:
    """The code in the newest message to `address`."""
    message = (await inbox_messages(address))[0]
    found = re.search(r"\d{6}", message.text)
    assert found, message
    return found.group()


async def make_person(name: str, **roles_by_organisation: Role) -> Viewer:
    """A person with one role in each organisation named (made when new), as a viewer."""
    person = await Person.create(name=name, email=f"{name.lower()}@example.com", created_at=SINCE)
    roles: dict[int, frozenset[Role]] = {}
    for organisation_name, role in roles_by_organisation.items():
        organisation = await Organisation.get_or_none(name=organisation_name)
        if organisation is None:
            organisation = await Organisation.create(name=organisation_name, created_at=SINCE)
        await Membership.create(
            person_id=person.id, organisation_id=organisation.id, role=role, created_at=SINCE
        )
        roles[organisation.id] = frozenset({role})
    return Viewer(person_id=person.id, roles=roles)


def organisation_id(viewer: Viewer) -> int:
    """The only organisation of a viewer."""
    (only,) = viewer.roles
    return only
