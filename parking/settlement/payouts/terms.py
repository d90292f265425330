"""When, how and from which amount on an organisation is paid what it is owed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from parking.accounts.audit import record_audit
from parking.accounts.rules import require_manager
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.places.guards import require_organisation
from parking.places.rules import checked_number, checked_text, checked_time_zone
from parking.settlement.kinds import PayoutSchedule
from parking.settlement.payouts.records import SELECT_TERMS, PayoutTermsRecord, terms_record
from parking.settlement.payouts.schedule import Rhythm, next_due
from parking.settlement.rails.port import WALLET
from parking.settlement.topics import organisation_money_topic, tell_money
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

DELAY_DAYS_MAX = 90
MINIMUM_MINOR_MAX = 10**9
REFERENCE_CHARACTERS_MAX = 128
DAYS_OF_WEEK = 7
DAYS_OF_MONTH_MAX = 28
"""Every month has so many."""
EMBEDDED: Collection[str] = (WALLET,)


@dataclass(frozen=True, slots=True)
class NewPayoutTerms:
    """What an organisation asks for. `reference` is its account at the rail (the wallet needs
    none); what is owed in a currency waits while it is below `minimum_minor`."""

    schedule: PayoutSchedule
    time_zone: str
    day: int = 1
    delay_days: int = 0
    minimum_minor: int = 0
    rail: str = WALLET
    reference: str = ""

    @property
    def rhythm(self) -> Rhythm:
        """When."""
        return Rhythm(self.schedule, self.day, self.delay_days)


async def set_payout_terms(
    viewer: Viewer,
    organisation_id: int,
    wanted: NewPayoutTerms,
    *,
    clock: Clock,
    bus: Bus,
    rails: Collection[str] = EMBEDDED,
) -> PayoutTermsRecord:
    """Make or change the terms; what is on its way goes where it was sent. For OPERATORs of the
    organisation: who sets them says where the money goes.

    `rails` are those of this program. Raises `NotFound`, `NotPermitted`, `InvalidInput`.
    """
    require_manager(viewer, organisation_id)
    terms, now = checked_payout_terms(wanted, rails), clock.now()

    async def once() -> PayoutTermsRecord:
        async with HeldBus(bus) as held, transaction() as sql:
            await require_organisation(sql, organisation_id)
            made = await _write(sql, organisation_id, terms, now)
            detail = {"schedule": terms.schedule, "rail": terms.rail}
            subject = f"organisation:{organisation_id}"
            await record_audit(
                sql, viewer, "set_payout_terms", subject, organisation_id, detail, now
            )
            topic = organisation_money_topic(organisation_id)
            await tell_money(sql, held, now, topic, payout_terms_id=made.id)
            return made

    return await retried(once)


def checked_payout_terms(wanted: NewPayoutTerms, rails: Collection[str]) -> NewPayoutTerms:
    """The terms, sound in every value. Raises `InvalidInput` naming the first that is not."""
    days = {
        PayoutSchedule.DAILY: 1,
        PayoutSchedule.WEEKLY: DAYS_OF_WEEK,
        PayoutSchedule.MONTHLY: DAYS_OF_MONTH_MAX,
    }
    checked_number("day", wanted.day, 1, days[wanted.schedule])
    checked_number("delayDays", wanted.delay_days, 0, DELAY_DAYS_MAX)
    checked_number("minimumMinor", wanted.minimum_minor, 0, MINIMUM_MINOR_MAX)
    checked_time_zone("timeZone", wanted.time_zone)
    if wanted.rail not in rails:
        message = f"there is no rail {wanted.rail!r:.40}; there are: {', '.join(sorted(rails))}"
        raise InvalidInput("rail", message)
    is_needed = wanted.rail != WALLET
    checked_text("reference", wanted.reference, REFERENCE_CHARACTERS_MAX, is_required=is_needed)
    return wanted


async def _write(
    sql: Sql, organisation_id: int, terms: NewPayoutTerms, now: datetime
) -> PayoutTermsRecord:
    due = next_due(terms.rhythm, ZoneInfo(terms.time_zone), now)
    await sql.execute(
        "INSERT INTO payout_terms (organisation_id, schedule, day, delay_days, minimum_minor, rail,"
        " reference, time_zone, next_at, changed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (organisation_id) DO UPDATE"
        " SET schedule = excluded.schedule, day = excluded.day, delay_days = excluded.delay_days,"
        " minimum_minor = excluded.minimum_minor, rail = excluded.rail,"
        " reference = excluded.reference, time_zone = excluded.time_zone,"
        " next_at = excluded.next_at, changed_at = excluded.changed_at",
        organisation_id,
        terms.schedule.value,
        terms.day,
        terms.delay_days,
        terms.minimum_minor,
        terms.rail,
        terms.reference.strip(),
        terms.time_zone,
        due.at,
        now,
    )
    row = await sql.fetch_one(f"{SELECT_TERMS} WHERE w.organisation_id = $1", organisation_id)
    assert row is not None, "it was written just now"
    return terms_record(row)
