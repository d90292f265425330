"""The town with rights to fetch cars in it: `right` of the driver's booking, which the friend has
agreed to pay for, and `others-right` of the stranger's, which the stranger pays. `offered` is one
of another booking of the driver's, to which nobody has agreed. `texts` has their tokens."""

from datetime import timedelta
from typing import Any

from parking.access.models import DelegationPayer
from parking.accounts.models import Person
from parking.accounts.viewer import Viewer
from parking.clock import rfc3339
from parking.locations.fetching.accept import accept_exit
from parking.locations.fetching.delegate import delegate_exit
from parking.locations.fetching.queries import token_of
from parking.locations.fetching.wish import ExitWish
from parking.locations.positions.record import NewPosition, record_position
from parking.reservations.confirm import confirm
from tests.schema.booked_town import let_out
from tests.schema.town import Town
from tests.support.wallets import fill_wallet

MOST = 900
LASTS = timedelta(days=10)


async def lend_keys(town: Town) -> Town:
    """Fill the town."""
    await let_out(town)
    driver = town.viewers["driver"]
    both: dict[str, Any] = {"clock": town.clock, "bus": town.bus}
    await confirm(driver, town.keys["hold"], **both)
    friend = await Person.create(
        name="friend", email="friend@example.org", created_at=town.clock.now()
    )
    town.know("friend", "Person", friend.id)
    town.viewers["friend"] = Viewer(person_id=friend.id)
    await fill_wallet(friend.id, 2_000, at=town.clock.now())
    made = await record_position(driver, NewPosition(town.keys["booking"]), **both)
    town.know("position", "ParkingPosition", made)
    await _give(town, "right", "driver", "booking", MOST)
    await _give(town, "offered", "driver", "hold", MOST)
    await _give(town, "others-right", "stranger", "others", None)
    await accept_exit(town.viewers["friend"], town.keys["right"], **both)
    town.texts["until"] = rfc3339(town.clock.now() + LASTS)
    return town


async def _give(town: Town, name: str, who: str, booking: str, most: int | None) -> None:
    viewer, keys = town.viewers[who], town.services.keys.links
    wish = ExitWish(
        reservation_id=town.keys[booking],
        payer=DelegationPayer.OWNER if most is None else DelegationPayer.FETCHER,
        valid_until=town.clock.now() + LASTS,
        label="Freda",
        amount_max_minor=most,
    )
    made = await delegate_exit(viewer, wish, clock=town.clock, bus=town.bus, keys=keys, base_url="")
    town.know(name, "ExitDelegation", made)
    token = await token_of(viewer, made, keys, town.clock.now())
    assert token is not None
    town.texts[name] = token
