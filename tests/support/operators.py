"""Viewers of every sort around one organisation."""

from parking.accounts.models import Organisation, Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from tests.support.estate import OPENED


async def make_organisation(name: str = "Harbour company") -> int:
    """An organisation without anything; its id."""
    organisation_id: int = (await Organisation.create(name=name, created_at=OPENED)).id
    return organisation_id


def member(organisation_id: int, *roles: Role, person_id: int = 1) -> Viewer:
    """A person with these roles there."""
    return Viewer(person_id=person_id, roles={organisation_id: frozenset(roles)})


def operator(organisation_id: int) -> Viewer:
    """A person who operates the organisation's places."""
    return member(organisation_id, Role.OPERATOR)


def api_key(organisation_id: int, *scopes: Scope) -> Viewer:
    """A system of the organisation with these scopes."""
    words = frozenset(scope.value for scope in scopes)
    return Viewer(api_key_id=1, roles={organisation_id: frozenset()}, scopes=words)
