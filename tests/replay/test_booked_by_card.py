"""The first visits of a real garage's month, paid by card, through a rail that is down, slow,
answers 500 and loses its answers: nothing is charged twice, nothing is lost. `make prove` does the
same with more of the month."""

from dataclasses import replace
from pathlib import Path

from berth.replay.planning import Asked
from tests.support.card_replay import faults_of, replay_by_card

VISITS = 10


async def test_through_every_fault_of_the_rail_the_books_say_what_stripe_says(
    october: Path, localstripe_url: str
) -> None:
    asked = Asked(october, starts="2019-10-01", limit=VISITS)
    report, rail = await replay_by_card(asked, localstripe_url)
    assert faults_of(report, rail) == []
    assert rail.faults > VISITS
    assert rail.charged > rail.given_back > 0
    # Control: a charge that is doubled, and one that is lost, would be seen.
    for charged in (rail.charged + 1, rail.charged - 1):
        assert len(faults_of(report, replace(rail, charged=charged))) == 1
    assert faults_of(report, replace(rail, states={"requires_capture"}))
