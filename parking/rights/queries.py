"""Reading rights and what is around them: only what the viewer may see, in batches and in pages.

Batch readers take many ids and answer with a mapping, in one statement; what is denied is missing.
Pages are the newest first and go on before an id; a list of what the viewer may not see is empty.
The same as `parking.rights.rules` say of one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol, TypeVar

from parking.accounts.viewer import Viewer
from parking.places.conditions import Conditions
from parking.rights.place_rules import place_rules
from parking.rights.records import (
    SELECT_CONTRACTS,
    SELECT_EXIT_CODES,
    SELECT_GRANT_CODES,
    SELECT_INVOICES,
    SELECT_REDEMPTIONS,
    SELECT_RIGHTS,
    SELECT_SIGNALS,
    SELECT_SPECIFICATIONS,
    ContractRecord,
    ExitCodeRecord,
    GrantCodeRecord,
    InvoiceRecord,
    PlaceRuleRecord,
    RedemptionRecord,
    RightRecord,
    SignalRecord,
    SpecificationRecord,
    contract_record,
    exit_code_record,
    grant_code_record,
    invoice_record,
    redemption_record,
    right_record,
    signal_record,
    specification_record,
)
from parking.rights.rules import issuing_organisations, running_organisations
from parking.storage.sql import database

PAGE_ROWS_MAX = 10_001


class _Identified(Protocol):
    @property
    def id(self) -> int: ...


R = TypeVar("R", bound=_Identified)


@dataclass(frozen=True, slots=True)
class RightsFilter:
    """Which rows are asked for; None asks for nothing. `label` is a part of it, in any case;
    `organisation_id` is the issuer."""

    organisation_id: int | None = None
    operator_id: int | None = None
    place_id: int | None = None
    specification_id: int | None = None
    contract_id: int | None = None
    grant_code_id: int | None = None
    right_id: int | None = None
    person_id: int | None = None
    enrolment_id: int | None = None
    reservation_id: int | None = None
    states: Sequence[str] | None = None
    label: str | None = None
    is_seen: bool | None = None


ANY = RightsFilter()


@dataclass(frozen=True, slots=True)
class _Table:
    """How a table is read: what its filters are called there, and who its sides are. A side that
    the row does not name itself is a condition with `{any}` for a list of organisations."""

    select: str
    alias: str
    columns: Mapping[str, str]
    issuer: str | None = None
    operator: str | None = None
    person: str | None = None
    enrolment: str | None = None


_SPECIFICATIONS = _Table(
    SELECT_SPECIFICATIONS,
    "s",
    {"organisation_id": "s.organisation_id"},
    issuer="s.organisation_id {any}",
    operator=(
        "EXISTS (SELECT 1 FROM grant_code g JOIN rights_contract k ON k.id = g.contract_id"
        " WHERE g.specification_id = s.id AND k.operator_id {any})"
    ),
)
_CONTRACTS = _Table(
    SELECT_CONTRACTS,
    "k",
    {
        "organisation_id": "k.issuer_id",
        "operator_id": "k.operator_id",
        "place_id": "k.place_id",
    },
    issuer="k.issuer_id {any}",
    operator="k.operator_id {any}",
)
_GRANT_CODES = _Table(
    SELECT_GRANT_CODES,
    "g",
    {
        "organisation_id": "g.organisation_id",
        "operator_id": "(SELECT c.operator_id FROM rights_contract c WHERE c.id = g.contract_id)",
        "place_id": "g.place_id",
        "specification_id": "g.specification_id",
        "contract_id": "g.contract_id",
    },
    issuer="g.organisation_id {any}",
    operator="g.contract_id IN (SELECT c.id FROM rights_contract c WHERE c.operator_id {any})",
)
_RIGHTS = _Table(
    SELECT_RIGHTS,
    "a",
    {
        "organisation_id": "a.organisation_id",
        "operator_id": "a.operator_id",
        "place_id": "a.place_id",
        "specification_id": "a.specification_id",
        "contract_id": "a.contract_id",
        "grant_code_id": "a.grant_code_id",
        "person_id": "a.person_id",
        "enrolment_id": "a.enrolment_id",
    },
    issuer="a.organisation_id {any}",
    operator="a.operator_id {any}",
    person="a.person_id",
    enrolment="a.enrolment_id",
)
_OF_RIGHT = "(SELECT a.{} FROM assigned_right a WHERE a.id = d.assigned_right_id)"
_REDEMPTIONS = _Table(
    SELECT_REDEMPTIONS,
    "d",
    {
        "organisation_id": "d.organisation_id",
        "operator_id": "d.operator_id",
        "place_id": "d.place_id",
        "right_id": "d.assigned_right_id",
        "person_id": "d.person_id",
        "reservation_id": "d.reservation_id",
        "specification_id": _OF_RIGHT.format("specification_id"),
        "contract_id": _OF_RIGHT.format("contract_id"),
        "grant_code_id": _OF_RIGHT.format("grant_code_id"),
        "enrolment_id": _OF_RIGHT.format("enrolment_id"),
    },
    issuer="d.organisation_id {any}",
    operator="d.operator_id {any}",
    person="d.person_id",
    enrolment=_OF_RIGHT.format("enrolment_id"),
)
_EXIT_CODES = _Table(
    SELECT_EXIT_CODES,
    "x",
    {
        "place_id": "x.place_id",
        "operator_id": "(SELECT p.organisation_id FROM place p WHERE p.id = x.place_id)",
    },
    operator="x.place_id IN (SELECT p.id FROM place p WHERE p.organisation_id {any})",
)
_INVOICES = _Table(
    SELECT_INVOICES,
    "i",
    {"organisation_id": "i.organisation_id"},
    issuer="i.organisation_id {any}",
)
_SIGNALS = _Table(
    SELECT_SIGNALS,
    "n",
    {
        "organisation_id": "n.organisation_id",
        "operator_id": "n.operator_id",
        "place_id": "n.place_id",
        "grant_code_id": "n.grant_code_id",
    },
    issuer="n.organisation_id {any}",
    operator="n.operator_id {any}",
)


async def specifications_by_id(
    viewer: Viewer, ids: Sequence[int]
) -> Mapping[int, SpecificationRecord]:
    """An issuer's own, and those of which codes grant at a place that the viewer runs."""
    return await _by_id(viewer, _SPECIFICATIONS, specification_record, ids)


async def find_specifications(
    viewer: Viewer, wanted: RightsFilter = ANY, *, limit: int, before_id: int = 0
) -> list[SpecificationRecord]:
    """A page of specifications."""
    return await _page(viewer, _SPECIFICATIONS, specification_record, wanted, limit, before_id)


async def contracts_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, ContractRecord]:
    """Those of which the viewer is issuer or operator."""
    return await _by_id(viewer, _CONTRACTS, contract_record, ids)


async def find_contracts(
    viewer: Viewer, wanted: RightsFilter = ANY, *, limit: int, before_id: int = 0
) -> list[ContractRecord]:
    """A page of contracts."""
    return await _page(viewer, _CONTRACTS, contract_record, wanted, limit, before_id)


async def grant_codes_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, GrantCodeRecord]:
    """An issuer's own, and those that grant at a place that the viewer runs."""
    return await _by_id(viewer, _GRANT_CODES, grant_code_record, ids)


async def find_grant_codes(
    viewer: Viewer, wanted: RightsFilter = ANY, *, limit: int, before_id: int = 0
) -> list[GrantCodeRecord]:
    """A page of grant codes."""
    return await _page(viewer, _GRANT_CODES, grant_code_record, wanted, limit, before_id)


async def rights_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, RightRecord]:
    """The holder's, the issuer's, and those granted at a place that the viewer runs."""
    return await _by_id(viewer, _RIGHTS, right_record, ids)


async def find_rights(
    viewer: Viewer, wanted: RightsFilter = ANY, *, limit: int, before_id: int = 0
) -> list[RightRecord]:
    """A page of granted rights."""
    return await _page(viewer, _RIGHTS, right_record, wanted, limit, before_id)


async def redemptions_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, RedemptionRecord]:
    """As of their rights."""
    return await _by_id(viewer, _REDEMPTIONS, redemption_record, ids)


async def redemptions_of_rights(
    viewer: Viewer, right_ids: Sequence[int]
) -> Mapping[int, list[RedemptionRecord]]:
    """The redemptions of each of these rights, the newest first."""
    found: dict[int, list[RedemptionRecord]] = {each: [] for each in right_ids}
    where = Conditions(database())
    where.add(f"d.assigned_right_id {where.any_of(right_ids)}")
    _visible(where, viewer, _REDEMPTIONS)
    for row in await _fetch(_REDEMPTIONS, where):
        redemption = redemption_record(row)
        found[redemption.assigned_right_id].append(redemption)
    return found


async def find_redemptions(
    viewer: Viewer, wanted: RightsFilter = ANY, *, limit: int, before_id: int = 0
) -> list[RedemptionRecord]:
    """A page of redemptions."""
    return await _page(viewer, _REDEMPTIONS, redemption_record, wanted, limit, before_id)


async def exit_codes_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, ExitCodeRecord]:
    """Those at places that the viewer runs."""
    return await _by_id(viewer, _EXIT_CODES, exit_code_record, ids)


async def find_exit_codes(
    viewer: Viewer, wanted: RightsFilter = ANY, *, limit: int, before_id: int = 0
) -> list[ExitCodeRecord]:
    """A page of exit codes, also of revoked ones."""
    return await _page(viewer, _EXIT_CODES, exit_code_record, wanted, limit, before_id)


async def invoices_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, InvoiceRecord]:
    """The issuer's own."""
    return await _by_id(viewer, _INVOICES, invoice_record, ids)


async def find_invoices(
    viewer: Viewer, wanted: RightsFilter = ANY, *, limit: int, before_id: int = 0
) -> list[InvoiceRecord]:
    """A page of invoices."""
    return await _page(viewer, _INVOICES, invoice_record, wanted, limit, before_id)


async def signals_by_id(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, SignalRecord]:
    """Those at the codes of an issuer, and at places that the viewer runs."""
    return await _by_id(viewer, _SIGNALS, signal_record, ids)


async def find_signals(
    viewer: Viewer, wanted: RightsFilter = ANY, *, limit: int, before_id: int = 0
) -> list[SignalRecord]:
    """A page of signals."""
    return await _page(viewer, _SIGNALS, signal_record, wanted, limit, before_id)


async def place_rules_of(viewer: Viewer, place_ids: Sequence[int]) -> Mapping[int, PlaceRuleRecord]:
    """The rule of each of these places, for places that the viewer was found to see."""
    del viewer
    return await place_rules(place_ids)


async def _by_id(
    viewer: Viewer, table: _Table, read: Callable[[Mapping[str, Any]], R], ids: Sequence[int]
) -> Mapping[int, R]:
    where = Conditions(database())
    where.add(f"{table.alias}.id {where.any_of(ids)}")
    _visible(where, viewer, table)
    found = map(read, await _fetch(table, where))
    return {each.id: each for each in found}


async def _page(
    viewer: Viewer,
    table: _Table,
    read: Callable[[Mapping[str, Any]], R],
    wanted: RightsFilter,
    limit: int,
    before_id: int,
) -> list[R]:
    where = Conditions(database())
    _filter(where, table, wanted)
    _visible(where, viewer, table)
    if before_id:
        where.add(f"{table.alias}.id < {where.argument(before_id)}")
    return [read(row) for row in await _fetch(table, where, min(limit, PAGE_ROWS_MAX))]


async def _fetch(
    table: _Table, where: Conditions, limit: int | None = None
) -> list[dict[str, Any]]:
    last = "" if limit is None else f" LIMIT {limit}"
    return await database().fetch(
        f"{table.select} WHERE {where} ORDER BY {table.alias}.id DESC{last}", *where.arguments
    )


def _filter(where: Conditions, table: _Table, wanted: RightsFilter) -> None:
    """What was asked for; a filter that the table does not have is the caller's mistake."""
    for each in fields(wanted):
        value = getattr(wanted, each.name)
        if value is None:
            continue
        if each.name == "states":
            where.add(f"{table.alias}.state {where.any_of([str(state) for state in value])}")
        elif each.name == "is_seen":
            where.add(f"{table.alias}.seen_at IS {'NOT NULL' if value else 'NULL'}")
        elif each.name == "label" and not value.isprintable():
            where.add("1 = 0")  # no label is; and of a NUL a database cannot be asked
        elif each.name == "label":
            part = where.argument(f"%{_literal(value)}%")
            where.add(f"LOWER({table.alias}.label) LIKE LOWER({part}) ESCAPE '!'")
        else:
            where.add(f"{table.columns[each.name]} = {where.argument(value)}")


def _visible(where: Conditions, viewer: Viewer, table: _Table) -> None:
    """A side's own rows: the driver's, the issuer's, the operator's; all for the platform."""
    if viewer.is_platform:
        return
    said = ["1 = 0"]
    if table.person is not None and viewer.person_id is not None and viewer.link_of is None:
        own = f"{table.person} = {where.argument(viewer.person_id)}"
        if viewer.enrolment_of is not None:
            own += f" AND {table.enrolment} = {where.argument(viewer.enrolment_of)}"
        said.append(f"({own})")
    for side, mine in (
        (table.issuer, issuing_organisations(viewer)),
        (table.operator, running_organisations(viewer)),
    ):
        if side is not None and mine:
            said.append(side.replace("{any}", where.any_of(sorted(mine))))
    where.add(" OR ".join(said))


def _literal(text: str) -> str:
    """The text with what LIKE takes for wildcards made plain; `!` escapes."""
    return "".join(f"!{each}" if each in "!%_" else each for each in text)
