"""Who may do what with organisations: pure decisions.

An API key holds no role. It acts in the organisations of its viewer's `roles` (its own, with an
empty set) and there only as far as its scopes reach, never on members or other keys.
"""

from collections.abc import Iterable

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.errors import Conflict, NotFound, NotPermitted, Unauthenticated


def acts_in(viewer: Viewer, organisation_id: int) -> bool:
    """Whether the viewer is a member of the organisation, its API key, or the system."""
    return viewer.is_system or organisation_id in viewer.roles


def may(viewer: Viewer, organisation_id: int, roles: Iterable[Role], scope: str) -> bool:
    """Whether a member with one of `roles`, or an API key with `scope`, may act there.

    The one place where roles and scopes are weighed; other nouns' rules are written with it.
    """
    if viewer.api_key_id is not None or viewer.hook_id is not None:
        return organisation_id in viewer.roles and scope in viewer.scopes
    return viewer.has_role(organisation_id, *roles)


def may_manage(viewer: Viewer, organisation_id: int) -> bool:
    """Name, members and API keys: its OPERATORs, never an API key."""
    return viewer.api_key_id is None and viewer.has_role(organisation_id, Role.OPERATOR)


def may_remove(viewer: Viewer, organisation_id: int, person_id: int) -> bool:
    """A membership ends by an OPERATOR, or because the member leaves."""
    return may_manage(viewer, organisation_id) or viewer.person_id == person_id


def keeps_an_operator(
    members: Iterable[tuple[int, Role]], person_id: int, role: Role | None
) -> bool:
    """Whether an OPERATOR is left when `person_id` gives up `role` (None: every role)."""
    return any(
        held is Role.OPERATOR and not (who == person_id and role in (None, Role.OPERATOR))
        for who, held in members
    )


def require_person(viewer: Viewer) -> int:
    """The viewer's person id. Raises `Unauthenticated` for nobody, `NotPermitted` for a machine."""
    if viewer.is_anonymous:
        raise Unauthenticated("this needs a signed-in person; sign in first")
    if viewer.person_id is None:
        raise NotPermitted("this is for people; an API key cannot do it")
    return viewer.person_id


def require_visible(viewer: Viewer, organisation_id: int) -> None:
    """Raises `NotFound` when the viewer may not know of the organisation."""
    if not acts_in(viewer, organisation_id):
        raise NotFound("there is no such organisation")


def require_manager(viewer: Viewer, organisation_id: int) -> None:
    """Raises `NotFound` or, for those who may see the organisation, `NotPermitted`."""
    require_visible(viewer, organisation_id)
    if not may_manage(viewer, organisation_id):
        raise NotPermitted("only an OPERATOR of the organisation may do this")


def require_grantable(viewer: Viewer, role: Role) -> None:
    """Raises `NotPermitted` (`ROLE_RESERVED`) for PLATFORM, which only the system itself gives."""
    if role is Role.PLATFORM and not viewer.is_system:
        raise NotPermitted(
            "PLATFORM is given only on the platform's own command line;"
            " ask who runs it for `berth organisation platform`",
            code="ROLE_RESERVED",
        )


def require_operator_left(
    members: Iterable[tuple[int, Role]], person_id: int, role: Role | None
) -> None:
    """Raises `Conflict` when nobody could manage the organisation any more."""
    if not keeps_an_operator(members, person_id, role):
        raise Conflict(
            "an organisation keeps at least one OPERATOR; make somebody else one first",
            code="LAST_OPERATOR",
        )
