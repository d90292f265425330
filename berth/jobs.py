"""The worker's jobs: what becomes due without anybody asking for it."""

from datetime import timedelta

from berth.position_jobs import fetching_jobs
from berth.worker import Job
from parking.access.alarms import watch_bays
from parking.access.due_locks import raise_due_locks
from parking.access.expire import EXPIRED_MAX, expire_commands
from parking.access.revocations import prune_access
from parking.accounts.prune import prune
from parking.clock import Clock
from parking.events.bus import Bus
from parking.events.relay import Relay
from parking.events.retention import prune_events
from parking.ledger.due import EXPIRED_MAX as PENDING_MAX
from parking.ledger.due import expire_due
from parking.listings.extend import LISTINGS_AT_ONCE_MAX, extend_openings
from parking.merchants.limits import PERSONAL_KEPT_DAYS
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.due import run_orders
from parking.merchants.orders.erasing import ERASED_AT_ONCE_MAX, erase_old_guests
from parking.merchants.orders.telling import TOLD_AT_ONCE_MAX as ORDER_NEWS_AT_ONCE_MAX
from parking.merchants.orders.telling import LinkOf, tell_orders
from parking.merchants.sms.due import close_late_parts, handle_waiting_sms, prune_sms
from parking.merchants.sms.limits import HANDLED_AT_ONCE_MAX
from parking.merchants.sms.orders import Orders as SmsOrders
from parking.merchants.sms.orders import Units as SmsUnits
from parking.notices.channel import Ways
from parking.notices.kinds import PERSONAL, NoticeChannel
from parking.notices.letters import prune_notices
from parking.notices.limits import NOTICES_AT_ONCE_MAX
from parking.notices.own import prune_own_notices
from parking.notices.relay import TOLD_AT_ONCE_MAX as NOTICES_TOLD_AT_ONCE_MAX
from parking.notices.relay import NoticeRelay
from parking.notices.sending import Chance, send_notices
from parking.occupancy.staleness import STALE_MAX, mark_stale
from parking.reminders.early import tell_the_early
from parking.reminders.find import TOLD_AT_ONCE_MAX as REMINDED_AT_ONCE_MAX
from parking.reminders.remind import Reminding, prune_reminders, remind, remind_before_quiet
from parking.reservations.due import run_due
from parking.reservations.funding import Funding
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.offering import serve_waitlists
from parking.reservations.prune import prune_quotes
from parking.reservations.relay import BookingRelay
from parking.rights.granting.expire import expire_rights
from parking.rights.limits import EXPIRED_AT_ONCE_MAX, FINISHED_AT_ONCE_MAX
from parking.rights.redeeming.finish import finish_redemptions
from parking.rights.redeeming.invoices import issue_invoices
from parking.sessions.follow import follow_places
from parking.sessions.limits import EVENTS_MAX
from parking.sessions.overstay import find_overstays, protect_next
from parking.sessions.sweep import sweep_stays
from parking.settlement.debts import COLLECTED_MAX, collect_all_debts
from parking.settlement.disputes.steps import CLOSED_AT_ONCE_MAX, close_disputes
from parking.settlement.limits import DEFAULTS as MONEY_DEFAULTS
from parking.settlement.limits import MoneyLimits
from parking.settlement.payments.due import run_payments
from parking.settlement.payouts.pay import run_payouts
from parking.settlement.rails.orders import ORDERS_AT_ONCE_MAX, run_rail_orders
from parking.settlement.rails.port import Rails
from parking.settlement.rails.webhooks import handle_waiting_events, prune_rail_events
from parking.settlement.relay import TOLD_AT_ONCE_MAX, MoneyRelay, prune_money_events
from parking.settlement.settle import SETTLED_MAX, settle_ended

STALENESS_SECONDS = 5.0
"""How late a silent device may be noticed."""
RELAY_SECONDS = 1.0
"""How late subscribers hear of a change whose process died before it could tell them."""
POLL_SECONDS = 0.5
"""Without Redis: how late an API process hears of another process' changes."""
SESSIONS_SECONDS = 0.5
"""How late a stay begins or ends after its car."""
OVERSTAYS_SECONDS = 1.0
SETTLEMENTS_SECONDS = 1.0
"""How late it is known who gets what after a car has left."""
DEBTS_SECONDS = 10.0
"""How late a debt is paid from money that came into a wallet by a settlement."""
REDEMPTIONS_SECONDS = 1.0
"""How late a right is known to be used up, or held again, after its stay was settled."""
INVOICES_SECONDS = 600.0
"""How late the invoices of rights are written after their month is closed."""
DISPUTES_SECONDS = 60.0
"""How late a decision is carried out that nobody has appealed."""
PAYOUTS_SECONDS = 60.0
"""How late a payout is made on its day."""
PENDING_SECONDS = 1.0
"""How late money that was only reserved is free again; `parking.ledger.verify` allows a minute."""
LAPSED_RIGHTS_SECONDS = 5.0
"""How late what a right that lapsed had taken of quota and budget is there to be granted again."""
WAITLISTS_SECONDS = 1.0
"""How late a space that frees is offered to whoever waits for it."""
BOOKINGS_SECONDS = 1.0
"""How late a hold lapses for its watchers, and a booking shows on its space."""
COMMANDS_SECONDS = 1.0
"""How late a command that nobody fetched, or answered, is ended."""
BAYS_SECONDS = 2.0
"""How late an arm goes up by itself, and a contradiction at a bay becomes an alarm."""
OPENINGS_SECONDS = 60.0
"""How late listings follow a place into another time zone; else they are a week ahead."""
RAIL_ORDERS_SECONDS = 1.0
"""How late a payment rail is asked for what was decided."""
PAYMENTS_SECONDS = 5.0
"""How late a payment without news is looked up, and one that nobody needs is let go."""
RAIL_EVENTS_SECONDS = 10.0
"""How late an event of a rail is tried again."""
NOTICES_SECONDS = 1.0
"""How late people and webhooks hear of something."""
REMINDERS_SECONDS = 5.0
"""How late a driver is told by the clock that something begins, ends, or that they are late."""
EARLY_SECONDS = 2.0
"""How late a driver who stands before an arm is told from when on it is theirs."""
QUIET_SECONDS = 60.0
"""How late people are reminded before their quiet hours begin."""
ORDERS_SECONDS = 1.0
"""How late an order follows its booking or its turn, and is carried out after a crash."""
SMS_SECONDS = 10.0
"""How late an SMS is handled that a crash left."""
SMS_PARTS_SECONDS = 60.0
"""How late a sender hears that a part of their message never came."""
EVENTS_SECONDS = 600.0
ACCOUNTS_SECONDS = 3600.0


def worker_jobs(
    clock: Clock,
    bus: Bus,
    limits: BookingLimits = DEFAULTS,
    money_limits: MoneyLimits = MONEY_DEFAULTS,
) -> list[Job]:
    """All jobs of a worker."""
    relay, booking_relay = Relay(bus, clock), BookingRelay(bus, clock)
    money_relay = MoneyRelay(bus, clock)

    async def forget() -> int:
        return sum((await prune(clock.now())).values())

    async def stays() -> int:
        return await follow_places(clock, bus) + await sweep_stays(clock, bus)

    async def overstays() -> int:
        return await find_overstays(clock, bus) + await protect_next(clock, bus)

    return [
        Job("staleness", STALENESS_SECONDS, lambda: mark_stale(clock, bus), lot=STALE_MAX),
        Job("relay", RELAY_SECONDS, relay.run_once),
        Job("bookings", BOOKINGS_SECONDS, lambda: run_due(clock, bus, limits)),
        Job("waitlists", WAITLISTS_SECONDS, lambda: serve_waitlists(clock, bus, limits)),
        Job("relay_bookings", RELAY_SECONDS, booking_relay.run_once),
        Job("relay_money", RELAY_SECONDS, money_relay.run_once, lot=TOLD_AT_ONCE_MAX),
        Job(
            "relay_notices",
            RELAY_SECONDS,
            NoticeRelay(bus, clock).run_once,
            lot=NOTICES_TOLD_AT_ONCE_MAX,
        ),
        Job(
            "openings",
            OPENINGS_SECONDS,
            lambda: extend_openings(clock.now()),
            lot=LISTINGS_AT_ONCE_MAX,
        ),
        Job("prune_events", EVENTS_SECONDS, lambda: prune_events(clock.now())),
        Job("prune_money", EVENTS_SECONDS, lambda: prune_money_events(clock.now())),
        Job("prune_access", EVENTS_SECONDS, lambda: prune_access(clock.now())),
        Job("prune_quotes", ACCOUNTS_SECONDS, lambda: prune_quotes(clock.now())),
        Job("prune_accounts", ACCOUNTS_SECONDS, forget),
        Job("sessions", SESSIONS_SECONDS, stays, lot=EVENTS_MAX),
        Job(
            "lock_commands",
            COMMANDS_SECONDS,
            lambda: expire_commands(clock, bus),
            lot=EXPIRED_MAX,
        ),
        Job("due_locks", BAYS_SECONDS, lambda: raise_due_locks(clock, bus)),
        Job("alarms", BAYS_SECONDS, lambda: watch_bays(clock, bus)),
        Job("overstays", OVERSTAYS_SECONDS, overstays),
        Job("settlements", SETTLEMENTS_SECONDS, lambda: settle_ended(clock, bus), lot=SETTLED_MAX),
        *fetching_jobs(clock, bus),
        *_rights_jobs(clock, bus),
        *_money_jobs(clock, bus, money_limits),
    ]


def _rights_jobs(clock: Clock, bus: Bus) -> list[Job]:
    """What becomes of rights by itself."""
    return [
        Job(
            "redemptions",
            REDEMPTIONS_SECONDS,
            lambda: finish_redemptions(clock, bus),
            lot=FINISHED_AT_ONCE_MAX,
        ),
        Job(
            "lapsed_rights",
            LAPSED_RIGHTS_SECONDS,
            lambda: expire_rights(clock, bus),
            lot=EXPIRED_AT_ONCE_MAX,
        ),
        Job("rights_invoices", INVOICES_SECONDS, lambda: issue_invoices(clock, bus)),
    ]


def _money_jobs(clock: Clock, bus: Bus, limits: MoneyLimits) -> list[Job]:
    """What becomes of money by itself, after its stay is settled."""
    return [
        Job(
            "pending_transfers",
            PENDING_SECONDS,
            lambda: expire_due(clock.now()),
            lot=PENDING_MAX,
        ),
        Job(
            "disputes",
            DISPUTES_SECONDS,
            lambda: close_disputes(clock, bus),
            lot=CLOSED_AT_ONCE_MAX,
        ),
        Job("payouts", PAYOUTS_SECONDS, lambda: run_payouts(clock, bus, limits)),
        Job("debts", DEBTS_SECONDS, lambda: collect_all_debts(clock, bus), lot=COLLECTED_MAX),
    ]


def rail_jobs(rails: Rails, funding: Funding, clock: Clock, bus: Bus) -> list[Job]:
    """What a worker does with payment rails."""
    return [
        Job(
            "rail_orders",
            RAIL_ORDERS_SECONDS,
            lambda: run_rail_orders(rails, clock, bus),
            lot=ORDERS_AT_ONCE_MAX,
        ),
        Job("payments", PAYMENTS_SECONDS, lambda: run_payments(rails, funding, clock, bus)),
        Job(
            "rail_events",
            RAIL_EVENTS_SECONDS,
            lambda: handle_waiting_events(rails, funding, clock, bus),
        ),
        Job("prune_rail_events", ACCOUNTS_SECONDS, lambda: prune_rail_events(clock.now())),
    ]


def notice_jobs(ways: Ways, clock: Clock, chance: Chance) -> list[Job]:
    """What a worker does with notices; webhooks apart, so that a slow one keeps nobody waiting."""
    return [
        Job(
            "notices",
            NOTICES_SECONDS,
            lambda: send_notices(ways, clock, chance, PERSONAL),
            lot=NOTICES_AT_ONCE_MAX,
        ),
        Job(
            "webhooks",
            NOTICES_SECONDS,
            lambda: send_notices(ways, clock, chance, [NoticeChannel.WEBHOOK]),
            lot=NOTICES_AT_ONCE_MAX,
        ),
        Job("prune_notices", ACCOUNTS_SECONDS, lambda: prune_notices(clock.now())),
        Job("prune_own_notices", ACCOUNTS_SECONDS, lambda: prune_own_notices(clock.now())),
    ]


def reminder_jobs(reminding: Reminding) -> list[Job]:
    """What a worker tells drivers by the clock."""
    clock = reminding.clock
    return [
        Job(
            "reminders",
            REMINDERS_SECONDS,
            lambda: remind(reminding),
            lot=REMINDED_AT_ONCE_MAX,
        ),
        Job("reminders_early", EARLY_SECONDS, lambda: tell_the_early(reminding)),
        Job("reminders_quiet", QUIET_SECONDS, lambda: remind_before_quiet(reminding)),
        Job("prune_reminders", ACCOUNTS_SECONDS, lambda: prune_reminders(clock.now())),
    ]


def order_jobs(
    desk: Desk, link_of: LinkOf, personal_kept: timedelta = timedelta(days=PERSONAL_KEPT_DAYS)
) -> list[Job]:
    """What a worker does with merchants' orders."""
    return [
        Job(
            "order_guests",
            ACCOUNTS_SECONDS,
            lambda: erase_old_guests(desk.clock, desk.bus, personal_kept),
            lot=ERASED_AT_ONCE_MAX,
        ),
        Job("orders", ORDERS_SECONDS, lambda: run_orders(desk)),
        Job(
            "order_news",
            ORDERS_SECONDS,
            lambda: tell_orders(desk.clock, link_of),
            lot=ORDER_NEWS_AT_ONCE_MAX,
        ),
    ]


def sms_jobs(units: SmsUnits, orders: SmsOrders, clock: Clock) -> list[Job]:
    """What a worker does with SMS that came in."""
    return [
        Job(
            "sms",
            SMS_SECONDS,
            lambda: handle_waiting_sms(units, orders, clock),
            lot=HANDLED_AT_ONCE_MAX,
        ),
        Job("sms_parts", SMS_PARTS_SECONDS, lambda: close_late_parts(units, clock)),
        Job("prune_sms", ACCOUNTS_SECONDS, lambda: prune_sms(clock.now())),
    ]


def polling_jobs(clock: Clock, bus: Bus) -> list[Job]:
    """What an API process does where no bus reaches it: it looks for changes itself."""
    return [
        Job("poll", POLL_SECONDS, Relay(bus, clock).run_once),
        Job("poll_bookings", POLL_SECONDS, BookingRelay(bus, clock).run_once),
        Job("poll_money", POLL_SECONDS, MoneyRelay(bus, clock).run_once, lot=TOLD_AT_ONCE_MAX),
        Job(
            "poll_notices",
            POLL_SECONDS,
            NoticeRelay(bus, clock).run_once,
            lot=NOTICES_TOLD_AT_ONCE_MAX,
        ),
    ]
