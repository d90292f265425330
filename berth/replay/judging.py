"""Whether what came of the visits is what must have: bookings, stays, prices, locks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from berth.replay.compare import Aspect, Difference
from berth.replay.declared import Visit
from berth.replay.expected import Outcome
from berth.replay.outcomes import Stayed
from berth.replay.renter import Renter, plate_of
from parking.clock import rfc3339
from parking.storage.sql import Sql, as_time

OPENS_BEFORE = timedelta(minutes=15)
OPENS_AFTER = timedelta(minutes=15)

OVERLAPS = """
SELECT a.id AS first, b.id AS second FROM reservation a JOIN reservation b
    ON a.space_id = b.space_id AND a.id < b.id
 WHERE a.state = 'COMPLETED' AND b.state = 'COMPLETED'
   AND (CASE WHEN a.ended_at < a.blocked_until THEN a.ended_at ELSE a.blocked_until END)
       > b.starts_at
   AND (CASE WHEN b.ended_at < b.blocked_until THEN b.ended_at ELSE b.blocked_until END)
       > a.starts_at
UNION ALL
SELECT a.id, b.id FROM session a JOIN session b ON a.space_id = b.space_id AND a.id < b.id
 WHERE COALESCE(a.ended_at, b.started_at) > b.started_at
   AND COALESCE(b.ended_at, a.started_at) > a.started_at
"""

OPENINGS = """
SELECT c.id, c.space_id, c.state, c.delivered_at, r.space_id AS bay, r.starts_at, r.ends_at,
       r.started_at, r.ended_at
  FROM lock_command c LEFT JOIN reservation r ON r.id = c.reservation_id
 WHERE c.target = 'LOWERED' ORDER BY c.id
"""


def judge_visits(
    visits: Sequence[Visit],
    outcomes: Mapping[int, Outcome],
    renters: Mapping[int, Renter],
    found: Mapping[str, Sequence[Stayed]],
) -> Iterator[Difference]:
    """Every visit was booked or refused as it must have been, ran as it did, and cost what it
    must."""
    for visit in visits:
        wanted, renter = outcomes[visit.number], renters[visit.number]
        yield from _judge_booking(visit, wanted, renter)
        stays = found.get(plate_of(visit), ())
        if len(stays) != int(wanted.booked_at is not None):
            expected = f"{int(wanted.booked_at is not None)} sessions"
            yield _different(Aspect.SESSION, visit, expected, f"{len(stays)} sessions")
        elif stays:
            yield from _judge_stay(visit, stays[0])
            yield from _judge_price(visit, wanted, stays[0])


def _judge_booking(visit: Visit, wanted: Outcome, renter: Renter) -> Iterator[Difference]:
    told = {True: "a booking", False: "no booking"}
    expected = f"{told[wanted.booked_at is not None]} after {wanted.refusals} refusals"
    found = f"{told[renter.reservation is not None]} after {renter.refusals} refusals"
    if expected != found:
        yield _different(Aspect.BOOKING, visit, expected, found)


def _judge_stay(visit: Visit, stay: Stayed) -> Iterator[Difference]:
    assert visit.declared is not None, "it has booked"
    is_late = visit.departure > visit.declared
    wanted = {
        "space": visit.space, "started": visit.arrival, "ended": visit.departure,
        "states": ("ENDED", "COMPLETED"), "booked": (visit.arrival, visit.declared),
        "overstay since": visit.declared if is_late else None, "overstays told": int(is_late),
    }  # fmt: skip
    found = {
        "space": stay.space, "started": stay.started_at, "ended": stay.ended_at,
        "states": stay.states, "booked": (stay.starts_at, stay.ends_at),
        "overstay since": stay.overstay_since,
        "overstays told": stay.steps.count("reservation_overstayed"),
    }  # fmt: skip
    for name, value in wanted.items():
        if found[name] != value:
            yield _different(Aspect.SESSION, visit, f"{name} {value}", f"{name} {found[name]}")


def _judge_price(visit: Visit, wanted: Outcome, stay: Stayed) -> Iterator[Difference]:
    expected = (wanted.amount_minor, wanted.overstay_minor, wanted.given_back_minor)
    found = (stay.amount_minor, stay.overstay_minor, stay.given_back_minor)
    if expected != found:
        yield _different(Aspect.PRICE, visit, _price(*expected), _price(*found))
    sums = {stay.lines_minor, sum(amount for amount, _ in stay.segment_sums)}
    if sums != {stay.amount_minor} or any(a != b for a, b in stay.segment_sums):
        told = f"lines {stay.lines_minor}, segments {stay.segment_sums}"
        yield _different(Aspect.PRICE, visit, f"all sums {stay.amount_minor}", told)


def _price(amount: int | None, overstay: int, given_back: int) -> str:
    return f"{amount}, of which {overstay} for overstaying; {given_back} given back"


async def judge_overlaps(sql: Sql) -> list[Difference]:
    """No two bookings, and no two stays, had the same bay at the same time."""
    rows = await sql.fetch(OVERLAPS)
    return [
        Difference(Aspect.BOOKING, None, None, "no overlap", f"{row['first']} and {row['second']}")
        for row in rows
    ]


async def judge_openings(
    sql: Sql, moves: Mapping[int, int], numbers: Mapping[int, str]
) -> tuple[list[Difference], int]:
    """No arm went down but by a command whose booking held at that instant; and how many did.

    `moves` is by space how often its arm moved, as the lock itself counts, `numbers` its number.
    """
    found, opened = [], 0
    for row in await sql.fetch(OPENINGS):
        at = row["delivered_at"]
        if at is None:
            continue
        opened += 1
        if not _held(row, at := as_time(at)):
            number = numbers.get(row["space_id"])
            told = f"command {row['id']} ({row['state']})"
            found.append(Difference(Aspect.LOCK, number, at, "a booking that holds", told))
    rows = await sql.fetch(
        "SELECT space_id, COUNT(*) AS done FROM lock_command"
        " WHERE delivered_at IS NOT NULL GROUP BY space_id"
    )
    ordered = {row["space_id"]: row["done"] for row in rows}
    for space_id, count in moves.items():
        if count != ordered.get(space_id, 0):
            expected, told = f"{ordered.get(space_id, 0)} moves ordered", f"{count} moves"
            found.append(Difference(Aspect.LOCK, numbers[space_id], None, expected, told))
    return found, opened


def _held(row: Mapping[str, object], at: object) -> bool:
    if row["starts_at"] is None or row["bay"] != row["space_id"]:
        return False
    starts_at, ends_at = as_time(row["starts_at"]), as_time(row["ends_at"])
    began = None if row["started_at"] is None else as_time(row["started_at"])
    over = None if row["ended_at"] is None else as_time(row["ended_at"])
    instant = as_time(at)
    if instant < starts_at - OPENS_BEFORE or (over is not None and instant >= over):
        return False
    return instant < ends_at + OPENS_AFTER or (began is not None and began <= instant)


def _different(aspect: Aspect, visit: Visit, expected: str, found: str) -> Difference:
    told = f"{found} (visit {visit.number}, {rfc3339(visit.arrival)})"
    return Difference(aspect, visit.space, visit.arrival, expected, told)
