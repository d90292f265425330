"""What a right and a contract are called where people read of them: for whoever may see them, also
where place or organisation themselves are private to others."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from parking.accounts.viewer import Viewer
from parking.rights.rules import is_holder, may_read
from parking.storage.sql import database


class RightNames(NamedTuple):
    """Of a right: its specification's name, who granted it, where, and the zone of that place."""

    name: str
    issuer_name: str
    place_name: str
    time_zone: str


class ContractNames(NamedTuple):
    """Who grants, who runs the place, and the place."""

    issuer_name: str
    operator_name: str
    place_name: str


async def names_of_rights(viewer: Viewer, right_ids: Sequence[int]) -> Mapping[int, RightNames]:
    """Of those rights that the viewer may see (`rules.may_see_right`)."""
    sql = database()
    rows = await sql.fetch(
        "SELECT a.id, a.person_id, a.enrolment_id, a.organisation_id, a.operator_id, s.name,"
        " o.name AS issuer_name, p.name AS place_name, p.time_zone FROM assigned_right a"
        " JOIN right_specification s ON s.id = a.specification_id"
        " JOIN organisation o ON o.id = a.organisation_id JOIN place p ON p.id = a.place_id"
        f" WHERE a.id {sql.any_of('$1')}",
        list(right_ids),
    )
    return {
        row["id"]: RightNames(row["name"], row["issuer_name"], row["place_name"], row["time_zone"])
        for row in rows
        if is_holder(viewer, row["person_id"], row["enrolment_id"])
        or may_read(viewer, row["organisation_id"], row["operator_id"])
    }


async def names_of_contracts(
    viewer: Viewer, contract_ids: Sequence[int]
) -> Mapping[int, ContractNames]:
    """Of those contracts that the viewer may see (`rules.may_see_contract`)."""
    sql = database()
    rows = await sql.fetch(
        "SELECT k.id, k.issuer_id, k.operator_id, i.name AS issuer_name, o.name AS operator_name,"
        " p.name AS place_name FROM rights_contract k JOIN organisation i ON i.id = k.issuer_id"
        " JOIN organisation o ON o.id = k.operator_id JOIN place p ON p.id = k.place_id"
        f" WHERE k.id {sql.any_of('$1')}",
        list(contract_ids),
    )
    return {
        row["id"]: ContractNames(row["issuer_name"], row["operator_name"], row["place_name"])
        for row in rows
        if may_read(viewer, row["issuer_id"], row["operator_id"])
    }
