"""What everybody who scans a code is told: the facts of the verification page, and no more.

A code is printed for all to see, so this is public; it tells nothing of who was granted what, nor
what quota or budget are left (CLAIMS A6, A15).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from parking.clock import Clock
from parking.errors import NotFound
from parking.rights.codes.exit_codes import scanned_exit_code
from parking.rights.codes.rotating import Scanned, read_picture
from parking.rights.codes.state import CodeFacts, CodeState, code_state, span
from parking.rights.codes.tickets import ticket_of
from parking.rights.kinds import GrantCodeKind
from parking.rights.records import (
    SELECT_CONTRACTS,
    SELECT_GRANT_CODES,
    SELECT_SPECIFICATIONS,
    SpecificationRecord,
    contract_record,
    grant_code_record,
    specification_record,
)
from parking.rights.signs import PlaceSign, issuer_names, place_signs
from parking.rights.terms import terms_from_json
from parking.rights.worth import least
from parking.storage.sql import Sql, database


class GrantOffer(NamedTuple):
    """What stands behind a grant code, over `[valid_from, valid_until)`.

    `places` are others where the right holds, too, by name. `needs_position`: it grants near the
    place only. One right is worth `worth_max_minor` at most. `is_stale`: of a rotating code that is
    not (any more) the picture on the screen. `ticket` stands for a fresh picture while a form is
    filled in.
    """

    state: CodeState
    place: PlaceSign
    issuer_name: str
    specification: SpecificationRecord
    worth_max_minor: int | None
    valid_from: datetime
    valid_until: datetime | None
    needs_reference: bool
    needs_position: bool
    places: tuple[PlaceSign, ...]
    is_rotating: bool
    is_stale: bool
    ticket: str | None


async def grant_offer(text: str, *, clock: Clock, keys: Sequence[bytes]) -> GrantOffer | None:
    """What a scanned text offers; None for what is no grant code. `keys` as for pictures."""
    now = clock.now()
    scanned = read_picture(keys, text, now)
    facts = await code_facts(database(), scanned.public_id)
    if facts is None:
        return None
    code, is_rotating = facts.code, facts.code.kind is GrantCodeKind.ROTATING
    is_fresh = is_rotating and scanned.is_fresh
    starts, ends = span(facts)
    others = terms_from_json(facts.specification.terms).places
    signs = await place_signs([code.place_id, *others])
    names = await issuer_names([code.organisation_id])
    return GrantOffer(
        state=code_state(facts, now),
        place=signs[code.place_id],
        issuer_name=names[code.organisation_id],
        specification=facts.specification,
        worth_max_minor=least(facts.specification.worth_max_minor, facts.contract.worth_max_minor),
        valid_from=starts,
        valid_until=ends,
        needs_reference=code.needs_reference,
        needs_position=code.radius_metres is not None,
        places=tuple(signs[each] for each in others if each in signs and each != code.place_id),
        is_rotating=is_rotating,
        is_stale=is_rotating and not is_fresh,
        ticket=_ticket(scanned, keys[0], now) if is_fresh else None,
    )


async def exit_offer(text: str) -> PlaceSign | None:
    """The place that a scanned exit code is of; None for what is none in use."""
    try:
        code = await scanned_exit_code(text)
    except NotFound:
        return None
    return (await place_signs([code.place_id]))[code.place_id]


async def code_facts(sql: Sql, public_id: str) -> CodeFacts | None:
    """A grant code with its contract and specification, by what is printed; None: there is none."""
    if not public_id:
        return None
    row = await sql.fetch_one(f"{SELECT_GRANT_CODES} WHERE g.public_id = $1", public_id)
    if row is None:
        return None
    code = grant_code_record(row)
    contracts = await sql.fetch(f"{SELECT_CONTRACTS} WHERE k.id = $1", code.contract_id)
    given = await sql.fetch(f"{SELECT_SPECIFICATIONS} WHERE s.id = $1", code.specification_id)
    return CodeFacts(code, contract_record(contracts[0]), specification_record(given[0]))


def _ticket(scanned: Scanned, key: bytes, now: datetime) -> str:
    """A new ticket for a fresh picture; a ticket stays the one that it is."""
    return scanned.ticket or ticket_of(key, scanned.public_id, now)
