"""The proof that no fault of a payment rail doubles a charge or loses one: the first days of the
recorded month, paid by card at localstripe, through a proxy that is down, slow, answers 500 and
loses answers all the time."""

import asyncio
from pathlib import Path

from berth.replay.planning import Asked
from tests.support.card_replay import faults_of, replay_by_card
from tests.support.stripe_stand_in import localstripe

VISITS = 150


def prove_cards(trace: Path, month: str, visits: int) -> int:
    """Replay, and print what came of it; 0 if nothing differs."""
    with localstripe() as url:
        report, rail = asyncio.run(replay_by_card(Asked(trace, month=month, limit=visits), url))
    faults = faults_of(report, rail)
    settled = report.settled
    print(
        f"{visits} visits, {settled['settled']} bookings settled; {rail.payments} payments,"
        f" {rail.charged / 100:.2f} charged, {rail.given_back / 100:.2f} given back;"
        f" {rail.faults} faults of the rail; {report.seconds:.1f} s"
    )
    for fault in faults:
        print(fault)
    if not faults:
        print("No differences: no charge was doubled, none lost; the books say what the rail says.")
    return 1 if faults else 0
