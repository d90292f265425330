"""The proof that no fault of a payment rail doubles a charge or loses one: the first days of the
recorded month, paid by card at localstripe, through a proxy that is down, slow, answers 500 and
loses answers all the time; and the same while the platform is ended by `kill -9` again and again.
"""

import asyncio
import time
from pathlib import Path

from berth.replay.booked_report import BookedReport
from berth.replay.planning import Asked
from tests.support.card_replay import AtTheRail, faults_of, replay_by_card
from tests.support.stripe_stand_in import localstripe

VISITS = 150
KILLED_VISITS = 40
"""Each kill takes seconds: a process starts anew."""
CARD_KILLS = 12


def prove_cards(
    trace: Path,
    month: str,
    visits: int,
    *,
    kills: int = 0,
    database: str | None = None,
    redis: str | None = None,
) -> int:
    """Replay, and print what came of it; 0 if nothing differs."""
    asked, began = Asked(trace, month=month, limit=visits), time.monotonic()
    with localstripe() as url:
        report, rail = asyncio.run(
            replay_by_card(asked, url, kills=kills, database=database, redis=redis)
        )
    faults = faults_of(report, rail)
    settled = report.settled
    print(
        f"{len(report.visits)} visits, {settled['settled']} bookings settled;"
        f" {rail.payments} payments, {rail.charged / 100:.2f} charged,"
        f" {rail.given_back / 100:.2f} given back; {rail.faults} faults of the rail;"
        f" {report.seconds:.1f} s"
    )
    if kills:
        print(_killed(report, rail))
    for fault in faults:
        print(fault)
    if not faults:
        print("No differences: no charge was doubled, none lost; the books say what the rail says.")
    print(f"{time.monotonic() - began:.1f} s in all", flush=True)
    return 1 if faults else 0


def _killed(report: BookedReport, rail: AtTheRail) -> str:
    by_role = ", ".join(f"{role} {count}" for role, count in report.kills.items())
    return (
        f"kill -9 {sum(report.kills.values())} times ({by_role}), {report.in_the_midst} of these"
        f" while something was under way; {rail.unheard} requests to the rail had an answer that"
        " nobody was left to hear"
    )
