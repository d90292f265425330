"""When payouts are due."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from parking.settlement.kinds import PayoutSchedule
from parking.settlement.payouts.schedule import PRESETS, Rhythm, last_due, next_due

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = Rhythm(PayoutSchedule.DAILY)
FRIDAYS = PRESETS["first-friday-after-5-days"]
MONTHLY = PRESETS["first-business-day-of-next-month"]


def berlin(text: str) -> datetime:
    """A wall clock's time in Berlin, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("rhythm", "after", "at", "settled_before"),
    [
        (DAILY, "2026-03-10 05:59", "2026-03-10 06:00", "2026-03-10 00:00"),
        (DAILY, "2026-03-10 06:00", "2026-03-11 06:00", "2026-03-11 00:00"),
        # The clocks go forward on the 29th of March, back on the 25th of October.
        (DAILY, "2026-03-28 12:00", "2026-03-29 06:00", "2026-03-29 00:00"),
        (DAILY, "2026-10-24 12:00", "2026-10-25 06:00", "2026-10-25 00:00"),
        (FRIDAYS, "2026-03-26 12:00", "2026-03-27 06:00", "2026-03-22 00:00"),
        (FRIDAYS, "2026-03-27 06:00", "2026-04-03 06:00", "2026-03-29 00:00"),
        # The 1st of August 2026 is a Saturday, of November a Sunday, of December a Tuesday.
        (MONTHLY, "2026-07-31 12:00", "2026-08-03 06:00", "2026-08-01 00:00"),
        (MONTHLY, "2026-08-01 12:00", "2026-08-03 06:00", "2026-08-01 00:00"),
        (MONTHLY, "2026-10-02 12:00", "2026-11-02 06:00", "2026-11-01 00:00"),
        (MONTHLY, "2026-11-02 06:00", "2026-12-01 06:00", "2026-12-01 00:00"),
        (
            Rhythm(PayoutSchedule.MONTHLY, 28, 2),
            "2026-02-28 12:00",
            "2026-03-02 06:00",
            "2026-02-26 00:00",
        ),
    ],
)
def test_the_next_payout(rhythm: Rhythm, after: str, at: str, settled_before: str) -> None:
    due = next_due(rhythm, BERLIN, berlin(after))
    assert due == (berlin(at), berlin(settled_before))
    assert last_due(rhythm, BERLIN, due.at) == due
    just_before = due.at - timedelta(microseconds=1)
    assert last_due(rhythm, BERLIN, just_before).at <= berlin(after)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Santiago", "Asia/Kathmandu"])
@pytest.mark.parametrize("rhythm", [DAILY, FRIDAYS, MONTHLY])
def test_a_year_of_payouts_leaves_no_settlement_out(zone: str, rhythm: Rhythm) -> None:
    """Each payout begins where the one before ended, whatever the clocks do."""
    where, at = ZoneInfo(zone), datetime(2026, 1, 1, tzinfo=UTC)
    for _ in range(60):
        due = next_due(rhythm, where, at)
        assert due.at > at
        assert due.settled_before < due.at
        assert due.at.astimezone(where).hour == 6
        assert last_due(rhythm, where, due.at + timedelta(seconds=1)) == due
        at = due.at
