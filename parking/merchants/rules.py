"""Who may do what for a merchant, and the small pure decisions about units.

Units, hooks and senders are for a merchant's people; its order system (an API key with
`orders:write`) sends orders and follows them. Doors and lifts of a mall are for who runs the mall.
"""

from parking.accounts.models import Role
from parking.accounts.rules import acts_in, may
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from parking.errors import NotFound, NotPermitted
from parking.merchants.records import OrderRecord

MERCHANT_ROLES = (Role.MERCHANT, Role.OWNER, Role.OPERATOR)
"""Who acts for a merchant."""
WATCHING_ROLES = (Role.OPERATOR,)
"""Who sees what is ordered for the places that their organisation runs."""


def may_manage_units(viewer: Viewer, organisation_id: int) -> bool:
    """Make and edit units, senders and hooks: a merchant's people, never an API key."""
    return viewer.api_key_id is None and viewer.has_role(organisation_id, *MERCHANT_ROLES)


def may_order(viewer: Viewer, organisation_id: int) -> bool:
    """Send orders in a merchant's name: its people, and keys with `orders:write`."""
    return may(viewer, organisation_id, MERCHANT_ROLES, Scope.ORDERS_WRITE)


def may_read_orders(viewer: Viewer, organisation_id: int) -> bool:
    """See a merchant's units and orders: its people, and keys that read or send them."""
    return may_order(viewer, organisation_id) or may(
        viewer, organisation_id, MERCHANT_ROLES, Scope.ORDERS_READ
    )


def may_watch(viewer: Viewer, operator_id: int) -> bool:
    """See what merchants order at the places of an operator: its OPERATORs, never an API key."""
    return viewer.api_key_id is None and viewer.has_role(operator_id, *WATCHING_ROLES)


def may_plan(viewer: Viewer, organisation_id: int) -> bool:
    """Draw the doors, lifts, stairs and ramps of a mall: the OPERATORs of whose it is."""
    return may(viewer, organisation_id, (Role.OPERATOR,), Scope.PLACES_WRITE)


def is_guest(viewer: Viewer, order: OrderRecord) -> bool:
    """Whether the order is about the viewer, signed in."""
    return (
        viewer.person_id is not None
        and viewer.person_id == order.person_id
        and not viewer.is_stand_in
    )


def may_see_order(viewer: Viewer, order: OrderRecord, operator_id: int | None) -> bool:
    """The merchant, its guest, and who runs the place that was chosen (`operator_id`)."""
    if may_read_orders(viewer, order.organisation_id) or is_guest(viewer, order):
        return True
    return operator_id is not None and may_watch(viewer, operator_id)


def may_see_guest(viewer: Viewer, order: OrderRecord) -> bool:
    """Whether name and phone of the guest are the viewer's to see: whoever runs the place sees what
    is booked there, and who comes only by the plate."""
    return may_read_orders(viewer, order.organisation_id) or is_guest(viewer, order)


def reading_organisations(viewer: Viewer) -> list[int]:
    """The merchants whose orders the viewer may see."""
    return sorted(each for each in viewer.roles if may_read_orders(viewer, each))


def watching_organisations(viewer: Viewer) -> list[int]:
    """The operators of places for whom the viewer sees what is ordered there."""
    return sorted(each for each in viewer.roles if may_watch(viewer, each))


def require_unit_manager(viewer: Viewer, organisation_id: int) -> None:
    """Raises `NotFound` for an organisation in which the viewer is nobody, else `NotPermitted`."""
    if may_manage_units(viewer, organisation_id):
        return
    if not acts_in(viewer, organisation_id):
        raise NotFound("there is no such organisation")
    raise NotPermitted("only a MERCHANT, OWNER or OPERATOR of the organisation may do this")


def require_orderer(viewer: Viewer, organisation_id: int) -> None:
    """Raises `NotFound` for a unit of which the viewer may not know, else `NotPermitted`."""
    if may_order(viewer, organisation_id):
        return
    if not may_read_orders(viewer, organisation_id):
        raise NotFound("there is no such unit")
    raise NotPermitted(
        "only a MERCHANT, OWNER or OPERATOR of the merchant may send orders, or an API key of it"
        f" with the scope {Scope.ORDERS_WRITE.value}"
    )
