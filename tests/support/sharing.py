"""Sharing where a car is, for tests: invitations and secure links of a parked car's driver."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from parking.accounts.keys import Keys, derive_keys
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.devices.sealing import Sealer
from parking.events.bus import InProcessBus
from parking.locations.bindings.answer import Reach, accept_binding, decline_binding
from parking.locations.bindings.ask import Wish, ask_binding
from parking.locations.bindings.queries import invitation_token
from parking.locations.bindings.revoke import revoke_binding
from parking.locations.bindings.rows import binding_row, receivers_of
from parking.locations.kinds import BindingScope, BindingSide, InvitationWay
from parking.locations.links.make import NewLink, make_link, revoke_link
from parking.locations.links.open import at_link, count_view
from parking.locations.links.queries import link_token
from parking.locations.links.rows import link_row
from parking.locations.links.snapshot import Snapshot, snapshot_of
from parking.locations.records import BindingRecord, LinkRecord
from parking.storage.sql import database
from tests.support.parked import Parked
from tests.support.people import SECRET

BASE = "https://berth.example"
SOURCE = "198.51.100.7"


@dataclass
class Sharing:
    """What the driver of a parked car does, and those to whom they show it."""

    parked: Parked
    keys: Keys = field(default_factory=lambda: derive_keys(SECRET))
    sealer: Sealer = field(default_factory=lambda: Sealer(SECRET.encode()))

    @property
    def clock(self) -> TestClock:
        """The clock of all."""
        return self.parked.clock

    @property
    def bus(self) -> InProcessBus:
        """The bus of all."""
        return self.parked.bus

    async def ask(
        self,
        scope: BindingScope = BindingScope.ALWAYS,
        position_id: int | None = None,
        until: datetime | None = None,
        *,
        who: Viewer | None = None,
        **more: Any,
    ) -> tuple[int, str]:
        """The driver (or `who`, as a receiver) asks; the binding and the token."""
        asker = who or self.parked.driver
        side = BindingSide.SHARER if who is None else BindingSide.RECEIVER
        given: dict[str, Any] = {"way": InvitationWay.LINK, "own_name": "Dora", "side": side}
        wish = Wish(scope=scope, position_id=position_id, until=until, **(given | more))
        made = await ask_binding(
            asker, wish, clock=self.clock, bus=self.bus, keys=self.keys.links, base_url=BASE
        )
        token = await invitation_token(asker, made, self.keys.links)
        assert token is not None
        return made, token

    async def accept(
        self, token: str, who: Viewer | None = None, name: str | None = None, reach: Any = None
    ) -> int:
        """The friend (or `who`) agrees."""
        return await accept_binding(
            who or self.parked.friend, token, name=name,
            reach=None if reach is None else Reach(*reach), clock=self.clock, bus=self.bus,
        )  # fmt: skip

    async def decline(self, token: str, who: Viewer | None = None) -> int:
        """The friend (or `who`) refuses."""
        friend = who or self.parked.friend
        return await decline_binding(friend, token, clock=self.clock, bus=self.bus)

    async def bound(self, *asked: Any, who: Viewer | None = None, **more: Any) -> int:
        """The driver asks and the friend (or `who`) agrees; the binding."""
        _, token = await self.ask(*asked, **more)
        return await self.accept(token, who)

    async def revoke(self, viewer: Viewer, binding_id: int) -> None:
        """One side takes it back."""
        await revoke_binding(viewer, binding_id, clock=self.clock, bus=self.bus)

    async def binding(self, binding_id: int) -> BindingRecord:
        """The binding now."""
        found = await binding_row(database(), binding_id)
        assert found is not None
        return found

    async def receivers(self, position_id: int) -> list[int | None]:
        """Who sees the position."""
        position = await self.parked.position(position_id)
        found = await receivers_of(database(), position, self.clock.now())
        return [each.receiver_id for each in found]

    async def link(self, position_id: int, **wished: Any) -> tuple[int, str]:
        """The driver makes a link; its id and token."""
        new = NewLink(position_id=position_id, **wished)
        made = await make_link(
            self.parked.driver, new, clock=self.clock, bus=self.bus, keys=self.keys.links,
            sealer=self.sealer,
        )  # fmt: skip
        token = await link_token(self.parked.driver, made, self.keys.links)
        assert token is not None
        return made, token

    async def knock(self, token: str, passcode: str = "", source: str = SOURCE) -> LinkRecord:
        """Somebody stands before the door of a link."""
        return await at_link(
            token, passcode, source=source, device="phone, Safari", clock=self.clock, bus=self.bus,
            sealer=self.sealer,
        )  # fmt: skip

    async def open(self, token: str, passcode: str = "", source: str = SOURCE) -> Snapshot:
        """Somebody opens a link."""
        link = await self.knock(token, passcode, source)
        number = await count_view(link.id, "phone, Safari", clock=self.clock, bus=self.bus)
        return await snapshot_of(link.id, number, clock=self.clock)

    async def close(self, link_id: int) -> None:
        """The driver revokes a link."""
        await revoke_link(self.parked.driver, link_id, clock=self.clock, bus=self.bus)

    async def linked(self, link_id: int) -> LinkRecord:
        """The link now."""
        found = await link_row(database(), link_id)
        assert found is not None
        return found
