"""Who may see and change rate tables."""

from parking.accounts.models import Role
from parking.accounts.rules import may
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from parking.errors import NotFound, NotPermitted
from parking.places.rules import may_see_place


def may_see_rates(viewer: Viewer, organisation_id: int) -> bool:
    """An organisation's rate tables are its members' and its keys' that read places."""
    return may_see_place(viewer, organisation_id, is_public=False)


def may_set_rates(viewer: Viewer, organisation_id: int) -> bool:
    """Write rate tables: OWNERs and OPERATORs, and keys with `places:write`."""
    return may(viewer, organisation_id, (Role.OWNER, Role.OPERATOR), Scope.PLACES_WRITE)


def require_setter(viewer: Viewer, organisation_id: int, what: str = "rate table") -> None:
    """Raises NotFound, or NotPermitted to who may see the tables but not write them."""
    if not may_see_rates(viewer, organisation_id):
        raise NotFound(f"there is no such {what}")
    if not may_set_rates(viewer, organisation_id):
        raise NotPermitted("only an OWNER or OPERATOR of the organisation may set its rates")
