"""The tables of rights that can be downloaded; docs/frontends.md says what each column means."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

from api.downloads.table import Amount, Cell, Table
from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.places.queries import place_by_id
from parking.rights.names import RightNames, names_of_rights
from parking.rights.queries import RightsFilter, find_invoices, find_redemptions
from parking.rights.records import RedemptionRecord
from parking.rights.rules import may_read_run, may_see_plate, require_reader
from parking.settlement.figures.statements import Span

INVOICES: Final = (
    "number", "month", "redemptions", "amount", "currency", "issued_at", "digest",
)  # fmt: skip
REDEMPTIONS: Final = (
    "at", "redemption", "right", "gives", "issuer", "place", "plate", "way", "state", "expected",
    "paid_by_issuer", "paid_by_operator", "minutes_used", "currency", "finished_at",
)  # fmt: skip
PAGE_ROWS = 500
"""So many are read at a time."""


def invoices_table(viewer: Viewer, organisation_id: int) -> Table:
    """What an issuer was invoiced, the newest first. Raises NotFound."""
    require_reader(viewer, organisation_id)
    wanted = RightsFilter(organisation_id=organisation_id)
    return Table("rights-invoices", INVOICES, _invoices(viewer, wanted))


async def _invoices(viewer: Viewer, wanted: RightsFilter) -> AsyncIterator[Sequence[Cell]]:
    before = 0
    while True:
        found = await find_invoices(viewer, wanted, limit=PAGE_ROWS, before_id=before)
        for each in found:
            yield (each.number, each.month, each.redemptions,
                   Amount(each.amount_minor, each.currency), each.currency, each.issued_at,
                   each.digest)  # fmt: skip
        if len(found) < PAGE_ROWS:
            return
        before = found[-1].id


def issued_redemptions_table(viewer: Viewer, organisation_id: int, span: Span) -> Table:
    """What was redeemed of an issuer's rights, the newest first. Raises NotFound."""
    require_reader(viewer, organisation_id)
    wanted = RightsFilter(organisation_id=organisation_id)
    return Table("redemptions", REDEMPTIONS, _redemptions(viewer, wanted, span))


async def place_redemptions_table(viewer: Viewer, place_id: int, span: Span) -> Table:
    """What was redeemed at a place, the newest first; for who runs it. Raises NotFound."""
    place = await place_by_id(viewer, place_id)
    if not may_read_run(viewer, place.organisation_id):
        raise NotFound("there is no such place")
    wanted = RightsFilter(place_id=place_id)
    return Table("redemptions", REDEMPTIONS, _redemptions(viewer, wanted, span))


async def _redemptions(
    viewer: Viewer, wanted: RightsFilter, span: Span
) -> AsyncIterator[Sequence[Cell]]:
    before = 0
    while True:
        found = await find_redemptions(viewer, wanted, limit=PAGE_ROWS, before_id=before)
        asked = [each for each in found if _is_within(each, span)]
        names = await names_of_rights(viewer, [each.assigned_right_id for each in asked])
        for each in asked:
            yield _redemption(viewer, each, names.get(each.assigned_right_id))
        if len(found) < PAGE_ROWS:
            return
        before = found[-1].id


def _is_within(each: RedemptionRecord, span: Span) -> bool:
    is_late = span.ends_at is not None and each.at >= span.ends_at
    return not is_late and (span.starts_at is None or each.at >= span.starts_at)


def _redemption(viewer: Viewer, each: RedemptionRecord, names: RightNames | None) -> Sequence[Cell]:
    name, issuer, place = ("", "", "") if names is None else names[:3]
    plate = each.plate if may_see_plate(viewer, each) else ""
    paid = (_paid(minor, each.currency) for minor in (each.issuer_minor, each.operator_minor))
    return (
        each.at, each.id, each.assigned_right_id, name, issuer, place, plate, each.way, each.state,
        Amount(each.expected_minor, each.currency), *paid, each.minutes_used, each.currency,
        each.finished_at,
    )  # fmt: skip


def _paid(amount_minor: int | None, currency: str) -> Amount | None:
    return None if amount_minor is None else Amount(amount_minor, currency)
