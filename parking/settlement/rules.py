"""Who may know of money, and on whose behalf. Pure."""

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import NotFound, NotPermitted
from parking.reservations.rules import Side

PLATFORM_SIDE = Side.SYSTEM
"""Who holds `Role.PLATFORM` stands where the platform itself does."""


def acts_for_platform(viewer: Viewer) -> bool:
    """The platform itself, and people who hold `Role.PLATFORM` anywhere."""
    return viewer.is_platform


def sides(
    viewer: Viewer,
    person_id: int | None,
    organisation_id: int | None,
    operator_id: int | None,
    reservation_id: int | None = None,
) -> frozenset[Side]:
    """All that the viewer is to somebody's money: as to the driver's, the lessor's, the place's.

    API keys are nothing to it; who holds a booking's link only to that booking's.
    """
    if acts_for_platform(viewer):
        return frozenset({PLATFORM_SIDE})
    if viewer.api_key_id is not None or _is_beyond_link(viewer, reservation_id):
        return frozenset()
    held = {
        Side.DRIVER: person_id is not None and viewer.person_id == person_id,
        Side.OWNER: organisation_id is not None and may_earn(viewer, organisation_id),
        Side.OPERATOR: operator_id is not None and viewer.has_role(operator_id, Role.OPERATOR),
    }
    return frozenset(side for side, is_held in held.items() if is_held)


def may_see(
    viewer: Viewer,
    person_id: int | None,
    organisation_id: int | None,
    operator_id: int | None,
    reservation_id: int | None = None,
) -> bool:
    """The driver, the lessor, who runs the place, and the platform."""
    return bool(sides(viewer, person_id, organisation_id, operator_id, reservation_id))


def may_see_wallet(viewer: Viewer, person_id: int) -> bool:
    """One's own, signed in (not by a booking's link); and the platform."""
    return may_see(viewer, person_id, None, None)


def may_earn(viewer: Viewer, organisation_id: int) -> bool:
    """See what an organisation earns and is paid: its OWNERs and OPERATORs, and the platform."""
    if acts_for_platform(viewer):
        return True
    is_person = viewer.api_key_id is None and viewer.link_of is None
    return is_person and viewer.has_role(organisation_id, Role.OWNER, Role.OPERATOR)


def may_validate(viewer: Viewer, merchant_id: int) -> bool:
    """Pay for stays in a merchant's name: its MERCHANTs, OWNERs and OPERATORs."""
    if viewer.is_system:
        return True
    is_person = viewer.api_key_id is None and viewer.link_of is None
    return is_person and viewer.has_role(merchant_id, Role.MERCHANT, Role.OWNER, Role.OPERATOR)


def may_credit(viewer: Viewer, organisation_id: int) -> bool:
    """Give money back that was charged: the lessor whose charge it is, and the platform."""
    return may_earn(viewer, organisation_id)


def require_platform(viewer: Viewer) -> None:
    """Raises `NotPermitted`."""
    if not acts_for_platform(viewer):
        raise NotPermitted("only the platform may do this; ask for its role PLATFORM")


def require_validator(viewer: Viewer, merchant_id: int) -> None:
    """Raises `NotFound` for an organisation in which the viewer is nobody, else `NotPermitted`."""
    if may_validate(viewer, merchant_id):
        return
    if not viewer.roles.get(merchant_id):
        raise NotFound("there is no such organisation")
    raise NotPermitted("only a MERCHANT, OWNER or OPERATOR of the organisation may do this")


def _is_beyond_link(viewer: Viewer, reservation_id: int | None) -> bool:
    return viewer.link_of is not None and viewer.link_of != reservation_id
