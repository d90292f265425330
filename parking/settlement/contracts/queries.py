"""Reading fee contracts: everybody's for everybody, an organisation's or a place's for these."""

from collections.abc import Mapping, Sequence

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.places.conditions import Conditions
from parking.settlement.contracts.records import (
    SELECT_CONTRACTS,
    ContractRecord,
    contract_record,
)
from parking.settlement.queries import PAGE_ROWS_MAX
from parking.settlement.rules import acts_for_platform
from parking.storage.sql import database

_CONTRACTS = f"{SELECT_CONTRACTS} LEFT JOIN place h ON h.id = k.place_id"


async def contracts_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, ContractRecord]:
    """The contracts of these ids."""
    where = Conditions(database())
    where.add(f"k.id {where.any_of(ids)}")
    return {each.id: each for each in await _find(viewer, where, len(ids))}


async def find_contracts(
    viewer: Viewer, organisation_id: int | None = None, *, limit: int, before_id: int = 0
) -> list[ContractRecord]:
    """A page of the contracts that the viewer may see, the newest first; with an organisation,
    those made for it."""
    where = Conditions(database())
    if organisation_id is not None:
        where.add(f"k.organisation_id = {where.argument(organisation_id)}")
    if before_id:
        where.add(f"k.id < {where.argument(before_id)}")
    return await _find(viewer, where, limit)


async def _find(viewer: Viewer, where: Conditions, limit: int) -> list[ContractRecord]:
    if not _visible(where, viewer):
        return []
    rows = await database().fetch(
        f"{_CONTRACTS} WHERE {where} ORDER BY k.id DESC LIMIT {min(limit, PAGE_ROWS_MAX)}",
        *where.arguments,
    )
    return [contract_record(row) for row in rows]


def _visible(where: Conditions, viewer: Viewer) -> bool:
    """Whether there is anything to be seen."""
    if acts_for_platform(viewer):
        return True
    if viewer.person_id is None or viewer.link_of is not None:
        return False
    said = ["(k.organisation_id IS NULL AND k.place_id IS NULL)"]
    letting = sorted(viewer.organisations(Role.OWNER, Role.OPERATOR))
    if letting:
        said.append(f"k.organisation_id {where.any_of(letting)}")
    running = sorted(viewer.organisations(Role.OPERATOR))
    if running:
        said.append(f"h.organisation_id {where.any_of(running)}")
    where.add(" OR ".join(said))
    return True
