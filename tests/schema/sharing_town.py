"""The town with cars whose positions are shared: `spot` is the driver's in the garage, with the
`version` that is known and a `photo`, `others-spot` the stranger's at the hilltop; a `question` is
asked of the attendants about each. The friend is bound to both (`bound`, `others-bound`); `asked`
is an invitation of the driver's that nobody has answered; `link` and `others-link` are secure
links. `texts` has tokens."""

from parking.accounts.models import Person
from parking.accounts.viewer import Viewer
from parking.locations.bindings.answer import accept_binding
from parking.locations.bindings.ask import Wish, ask_binding
from parking.locations.bindings.queries import invitation_token
from parking.locations.kinds import BindingScope, BindingSide, InvitationWay, Terminal
from parking.locations.links.make import NewLink, make_link
from parking.locations.links.queries import link_token
from parking.locations.models import ParkingPosition, PositionPhoto, PositionVersion
from parking.locations.positions.record import NewPosition, record_position
from parking.locations.refinement.ask import ask_refinement
from tests.schema.town import Town

FIX = {"latitude": 1.25, "longitude": 2.25}


async def share_in_town(town: Town) -> Town:
    """Fill the town."""
    friend = await Person.create(
        name="friend", email="friend@example.org", created_at=town.clock.now()
    )
    town.know("friend", "Person", friend.id)
    town.viewers["friend"] = Viewer(person_id=friend.id)
    for prefix, who in (("", "driver"), ("others-", "stranger")):
        place = town.keys["hilltop" if prefix else "garage"]
        given = {"place_id": place, "floor": "Ground", "note": "by the lift", **FIX}
        new = NewPosition(title="Dora's red one", given=given)
        made = await record_position(town.viewers[who], new, clock=town.clock, bus=town.bus)
        town.know(f"{prefix}spot", "ParkingPosition", made)
        version = await PositionVersion.get(position_id=made)
        town.know(f"{prefix}version", "PositionVersion", version.id)
        await _photo(town, f"{prefix}photo", made)
        await ask_desk(town, f"{prefix}question", prefix)
        await invite(town, f"{prefix}bound", who)
        await accept_binding(
            town.viewers["friend"], town.texts[f"{prefix}bound"], clock=town.clock, bus=town.bus
        )
        await link(town, f"{prefix}link", who, made)
    await invite(town, "asked", "driver")
    return town


async def _photo(town: Town, name: str, position_id: int) -> None:
    """A picture of the position; nobody looks at it here."""
    position = await ParkingPosition.get(id=position_id)
    photo = await PositionPhoto.create(
        position_id=position_id, key=name, bytes=1, width_pixels=4, height_pixels=3,
        created_by=position.person_id, created_at=town.clock.now(),
    )  # fmt: skip
    town.know(name, "PositionPhoto", photo.id)


async def ask_desk(town: Town, name: str, prefix: str) -> None:
    """The sharer asks the attendants where the car of `spot` is."""
    viewer, spot = town.viewers["stranger" if prefix else "driver"], town.keys[f"{prefix}spot"]
    made = await ask_refinement(viewer, spot, Terminal.ATTENDANT, clock=town.clock, bus=town.bus)
    town.know(name, "RefinementRequest", made)


async def invite(town: Town, name: str, who: str) -> None:
    """Somebody invites whoever has the token."""
    viewer, keys = town.viewers[who], town.services.keys.links
    wish = Wish(
        side=BindingSide.SHARER, way=InvitationWay.LINK, scope=BindingScope.ALWAYS,
        own_name="Dora", their_name="Fred",
    )  # fmt: skip
    made = await ask_binding(viewer, wish, clock=town.clock, bus=town.bus, keys=keys, base_url="")
    town.know(name, "PositionBinding", made)
    town.texts[name] = await invitation_token(viewer, made, keys) or ""


async def link(town: Town, name: str, who: str, position_id: int) -> None:
    """Somebody makes a link."""
    viewer, keys = town.viewers[who], town.services.keys.links
    made = await make_link(
        viewer, NewLink(position_id=position_id), clock=town.clock, bus=town.bus, keys=keys,
        sealer=town.services.sealer,
    )  # fmt: skip
    town.know(name, "PositionLink", made)
    town.texts[name] = await link_token(viewer, made, keys) or ""
