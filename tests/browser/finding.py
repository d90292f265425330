"""A car whose driver keeps where it stands, and gives addresses of it, in the house of the
browser's tests."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from parking.access.models import DelegationPayer
from parking.accounts.models import Role
from parking.locations.bindings.ask import Wish, ask_binding
from parking.locations.bindings.queries import invitation_token
from parking.locations.fetching.delegate import delegate_exit
from parking.locations.fetching.queries import token_of
from parking.locations.fetching.wish import ExitWish
from parking.locations.kinds import BindingScope, BindingSide, InvitationWay, Terminal
from parking.locations.links.make import NewLink, make_link
from parking.locations.links.queries import link_token
from parking.locations.positions.record import NewPosition, record_position
from parking.locations.refinement.ask import ask_refinement
from parking.sessions.override import start_session
from tests.browser.conftest import House
from tests.browser.leasing import CLOCK, Booked, book
from tests.support.leasing import somebody


@dataclass
class Kept:
    """The car is in its booked bay."""

    house: House
    booked: Booked
    position_id: int = 0

    @property
    def both(self) -> dict[str, Any]:
        """What every verb takes."""
        assert self.house.program is not None
        return {"clock": CLOCK, "bus": self.house.program.bus}

    async def link(self, **wished: Any) -> tuple[int, str]:
        """A secure link, and the path of its page."""
        new, driver = NewLink(position_id=self.position_id, **wished), self.booked.driver
        assert self.house.program is not None
        sealer, keys = self.house.program.sealer, self._keys
        made = await make_link(driver, new, sealer=sealer, keys=keys, **self.both)
        return made, f"/p/{await link_token(driver, made, keys)}"

    async def invitation(self) -> str:
        """The path of an invitation's page: to see all cars."""
        driver, keys = self.booked.driver, self._keys
        wish = Wish(
            side=BindingSide.SHARER, way=InvitationWay.LINK, scope=BindingScope.ALWAYS,
            own_name="Dora",
        )  # fmt: skip
        made = await ask_binding(driver, wish, keys=keys, base_url="", **self.both)
        return f"/i/{await invitation_token(driver, made, keys)}"

    async def right(self, most_minor: int | None = None) -> tuple[int, str]:
        """A right to fetch the car, paid by who fetches it up to an amount; and its page."""
        payer = DelegationPayer.OWNER if most_minor is None else DelegationPayer.FETCHER
        driver, keys, until = self.booked.driver, self._keys, CLOCK.now() + timedelta(days=1)
        wish = ExitWish(
            reservation_id=self.booked.reservation_id, payer=payer, valid_until=until,
            label="Freda", amount_max_minor=most_minor,
        )  # fmt: skip
        made = await delegate_exit(driver, wish, keys=keys, base_url="", **self.both)
        return made, f"/f/{await token_of(driver, made, keys, CLOCK.now())}"

    async def ask_attendant(self) -> int:
        """The driver asks where exactly it stands."""
        desk = Terminal.ATTENDANT
        return await ask_refinement(
            self.booked.driver, self.position_id, desk, "a red car", **self.both
        )

    @property
    def _keys(self) -> Any:
        assert self.house.program is not None
        return self.house.program.keys.links


async def keep(house: House) -> Kept:
    """In the served house."""
    kept = Kept(house, await book(house))
    staff = await somebody("Ophelia", {house.estate.organisation_id: Role.OPERATOR})
    await start_session(staff, kept.booked.reservation_id, **kept.both)
    new = NewPosition(kept.booked.reservation_id)
    kept.position_id = await record_position(kept.booked.driver, new, **kept.both)
    return kept
