"""A booked replay whose drivers pay by card, through a rail that is down, slow, answers 500 and
loses its answers, while the platform's processes are ended by `kill -9`; and what the rail has in
the end."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from berth.console import steps
from berth.replay.booked import replay_booked
from berth.replay.booked_plan import ByCard
from berth.replay.booked_planning import booked_plan_of
from berth.replay.booked_report import BookedReport
from berth.replay.planning import Asked
from berth.replay.renter import PENDING, Renter
from berth.settings import Settings, read_settings
from berth.stripe_rail import NAME, StripeRail
from parking.settlement.payments.wallet import WalletRail
from parking.settlement.rails.port import WALLET, Rail
from tests.support.running import SECRET
from tests.support.stripe_stand_in import KEY, PASSING, Fault, Json, StripeStandIn, stand_in

GOOD = "4242424242424242"
WEBHOOK_SECRET = "whsec_" + "berth" * 6
SEED = 4
DOWN_REQUESTS = 6
SLOW_EVERY = 40
FAULTS_A_DRIVER = 2
SECONDS_MAX = 2.0
"""How long the rail is waited for: what answers later is asked again, so it is no matter if a busy
machine takes longer for a request without a fault."""

BEGIN = """mutation Begin($key: String!) {
  beginPaymentAccount(rail: "stripe", idempotencyKey: $key) {
    __typename
    ... on PaymentAccountBegun { reference clientSecret }
    ... on Refusal { code message }
  }
}"""
BIND = """mutation Bind($reference: String!, $key: String!) {
  bindPaymentAccount(rail: "stripe", reference: $reference, idempotencyKey: $key) {
    __typename
    ... on PaymentAccountBound { account { id } }
    ... on Refusal { code message }
  }
}"""


@dataclass(frozen=True)
class AtTheRail:
    """What the rail has in the end, in minor units; `states` are those of its payments, `doubled`
    the keys under which it took or gave back money more than once. `unheard` counts requests whose
    asker was killed before the answer came."""

    charged: int
    given_back: int
    payments: int
    states: set[str]
    faults: int
    faults_left: int
    doubled: tuple[str, ...] = ()
    unheard: int = 0


class Cards:
    """Binds a card for each driver, and lets the rail fail in every way."""

    def __init__(self, stripe: StripeStandIn) -> None:
        self._stripe = stripe
        self._faults = _faults(Random(SEED))
        self.faults = 0

    async def bind(self, renter: Renter) -> None:
        """A card, given on the rail's own form; what is asked of the rail next fails."""
        number = renter.visit.number
        begun = await _until_heard(renter, BEGIN, {"key": f"begin-{number}"})
        await self._stripe.fill_form(begun["reference"], begun["clientSecret"], GOOD)
        given = {"reference": begun["reference"], "key": f"bind-{number}"}
        await _until_heard(renter, BIND, given)
        faults = next(self._faults)
        self.faults += len(faults)
        self._stripe.fail_next("/v1/", *faults)


def _faults(chance: Random) -> Iterator[tuple[Fault, ...]]:
    quick = [each for each in PASSING if each is not Fault.SLOW]
    while True:
        yield (Fault.SLOW,)
        yield (Fault.REFUSED,) * DOWN_REQUESTS
        for _ in range(SLOW_EVERY):
            yield tuple(chance.choice(quick) for _ in range(FAULTS_A_DRIVER))


async def _until_heard(renter: Renter, document: str, given: dict[str, str]) -> Any:
    while True:
        [answer] = (await renter.ask(document, given)).values()
        if answer.get("code") != PENDING:
            assert "code" not in answer, answer
            return answer


def _rails(base: str) -> dict[str, Rail]:
    """Those of any program, but less patient; they cannot be given to another process."""
    stripe = StripeRail(KEY, None, "berth-replay", api_base=base, seconds_max=SECONDS_MAX)
    return {WALLET: WalletRail(), NAME: stripe}


async def replay_by_card(
    asked: Asked,
    behind: str,
    *,
    kills: int = 0,
    database: str | None = None,
    redis: str | None = None,
) -> tuple[BookedReport, AtTheRail]:
    """`behind` is localstripe's URL, which like the proxy before it is never killed.

    On SQLite in this process, on a database of its own; with `kills` in one of its own that is
    killed so often, and with `database` and `redis` API, gateway and worker are each one. Such make
    their rail themselves, by the settings that everybody has.
    """
    plan = booked_plan_of(asked, lock_every=0, kills=kills, seed=1)
    async with stand_in(behind) as stripe:
        cards = Cards(stripe)
        is_here = not kills and database is None
        rails = _rails(stripe.url) if is_here else None
        settings = read_settings() if is_here else _settings(stripe.url, database, redis)
        with steps(quiet=True) as told:
            by_card = replace(plan, by_card=ByCard(rails, cards.bind, stripe.holding))
            report = await replay_booked(settings, by_card, told)
        return report, await _at_the_rail(stripe, cards.faults)


def _settings(base: str, database: str | None, redis: str | None) -> Settings:
    return replace(
        read_settings(), secret_key=SECRET, database_url=database, redis_url=redis,
        stripe_key=KEY, stripe_webhook_secret=WEBHOOK_SECRET, stripe_api_base=base,
    )  # fmt: skip


async def _at_the_rail(stripe: StripeStandIn, faults: int) -> AtTheRail:
    intents, refunds = await stripe.intents(), await stripe.refunds()
    return AtTheRail(
        charged=sum(int(each["amount_received"]) for each in intents),
        given_back=sum(int(each["amount"]) for each in refunds),
        payments=len(intents),
        states={each["status"] for each in intents},
        faults=faults,
        faults_left=stripe.faults_left,
        doubled=_doubled([each for each in intents if each["amount_received"]], refunds),
        unheard=stripe.unheard,
    )


def _doubled(taken: list[Json], refunds: list[Json]) -> tuple[str, ...]:
    """A key stands for one intent of the books', however often it was asked for."""
    counts = Counter(each["metadata"]["berth_key"] for each in [*taken, *refunds])
    return tuple(key for key, count in counts.items() if count > 1)


def faults_of(report: BookedReport, rail: AtTheRail) -> list[str]:
    """What is wrong; nothing, where no charge was doubled and none lost."""
    found = [str(each) for each in report.differences]
    booked = -report.settled["external"].get(NAME, 0)
    if booked != rail.charged - rail.given_back:
        found.append(f"the books have {booked}, the rail {rail.charged - rail.given_back}")
    if rail.doubled:
        found.append(f"done more than once at the rail: {rail.doubled}")
    if not rail.states <= {"succeeded", "canceled"}:
        found.append(f"something stays reserved: {rail.states}")
    kept = (report.settled["inWallets"], report.settled["stillOwed"])
    if kept != (0, 0):
        found.append(f"in wallets and owed, though all was paid by card: {kept}")
    if rail.faults_left:
        found.append(f"{rail.faults_left} faults have not happened")
    return found
