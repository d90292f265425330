"""Money as clients read it: settlements that add up, wallets, statements, figures, live."""

import asyncio
from typing import Any

import orjson

from parking.settlement.credits import credit_charge
from parking.settlement.funding import EscrowFunding
from parking.settlement.settle import settle_ended
from tests.schema.settled_town import book_paid
from tests.schema.statements import counted
from tests.schema.town import Town
from tests.support.wallets import fill_wallet

LONG = 30.0
MONEY = "{ amountMinor currency }"
PARTS = ("owner", "property", "platform", "tax", "refund")
FUNDS = ("secured", "validation", "toppedUp", "receivable")
SETTLEMENT = f"""query ($id: ID!) {{ settlement(id: $id) {{
  outcome {" ".join(f"{name} {MONEY}" for name in ("cost", *PARTS, *FUNDS))}
  lines {{ amountMinor }} parts {{ party amount {MONEY} explanation }}
  chargeRecords {{ number kind amount {MONEY} body digest link pdf }}
  disputes {{ state frozen {MONEY} }}
  reservation {{ id escrow {{ state balance {MONEY} }} }} }} }}"""


def minor(told: dict[str, Any], *names: str) -> int:
    return sum(int(told[name]["amountMinor"]) for name in names)


async def test_a_settlement_shows_that_it_is_whole(settled: Town) -> None:
    for role in ("driver", "operator", "platform"):
        told = (await settled.ask(role, SETTLEMENT, id=settled.ids["settlement"]))["settlement"]
        cost = minor(told, "cost")
        assert minor(told, *FUNDS) == minor(told, *PARTS) == 480
        assert cost == minor(told, *PARTS[:4]) == 480
        assert cost == sum(line["amountMinor"] for line in told["lines"])
        assert cost == sum(minor(part, "amount") for part in told["parts"])
        assert told["parts"][0]["explanation"] == "80 % of the cost without tax"
        [bill] = told["chargeRecords"]
        assert (bill["kind"], minor(bill, "amount")) == ("CHARGE", cost)
        assert orjson.loads(bill["body"])["number"] == bill["number"]
        assert bill["pdf"] == f"{bill['link']}.pdf"
        assert [minor(each, "frozen") for each in told["disputes"]] == [100]
        if role != "platform":
            assert minor(told["reservation"]["escrow"], "balance") == 0


async def test_the_driver_sees_wallet_and_statement(settled: Town) -> None:
    wallet = f"wallets {{ currency balance {MONEY} held {MONEY} available {MONEY} debt {MONEY} }}"
    page = f"""query ($after: String) {{ viewer {{ {wallet}
      statement(currency: "EUR", first: 2, after: $after) {{
        nodes {{ code amount {MONEY} balance {MONEY} reservation {{ id }} }}
        pageInfo {{ hasNextPage endCursor }} }} }} }}"""
    lines, after = list[dict[str, Any]](), None
    while True:
        viewer = (await settled.ask("driver", page, after=after))["viewer"]
        lines += viewer["statement"]["nodes"]
        after = viewer["statement"]["pageInfo"]["endCursor"]
        if not viewer["statement"]["pageInfo"]["hasNextPage"]:
            break
    amounts = [minor(each, "amount") for each in lines]
    assert [each["code"] for each in lines] == ["top_up", "secure", "secure"]
    assert amounts == [2_000, -480, -480]
    assert lines[1]["reservation"] == {"id": settled.ids["paid"]}
    [mine] = viewer["wallets"]
    assert minor(mine, "balance") == sum(amounts) == minor(lines[-1], "balance")
    assert (minor(mine, "held"), minor(mine, "debt")) == (0, 0)
    assert (await settled.ask("key", page))["viewer"] == {
        "wallets": [],
        "statement": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}},
    }


async def test_an_organisation_sees_what_it_earned_and_is_owed(settled: Town) -> None:
    figures = f"bookings cost {MONEY} platform {MONEY} ownerShare {MONEY} earned {MONEY}"
    query = f"""query ($id: ID!) {{ node(id: $id) {{ ... on Organisation {{
      owed {{ owner {MONEY} property {MONEY} sending {MONEY} validations {MONEY} }}
      payoutTerms {{ schedule minimumMinor timeZone }}
      earnings(firstDay: "2026-01-04", untilDay: "2026-01-07") {{ currency timeZone
        total {{ {figures} }} buckets {{ firstDay figures {{ {figures} }} }} }}
      statement(currency: "EUR", account: OWNER) {{ nodes {{ code amount {MONEY} }} }} }} }} }}"""
    told = (await settled.ask("operator", query, id=settled.ids["harbour"]))["node"]
    [earned], [owed] = told["earnings"], told["owed"]
    assert (earned["currency"], earned["timeZone"]) == ("EUR", "UTC")
    assert [each["figures"]["bookings"] for each in earned["buckets"]] == [0, 1, 0]
    # 5 % of the 4.80 is the place's share, 15 % the platform's; 1.00 of it all is disputed.
    assert minor(earned["total"], "cost") == 480
    assert minor(earned["total"], "platform") == 72
    assert minor(earned["total"], "ownerShare") == 384
    assert minor(earned["total"], "earned") == minor(owed, "owner", "property")
    moved = sum(minor(each, "amount") for each in told["statement"]["nodes"])
    assert moved == minor(owed, "owner")
    backwards = query.replace("01-07", "01-03")
    refused = await settled.execute("operator", backwards, id=settled.ids["harbour"])
    assert refused.errors[0].extensions["field"] == "untilDay"


async def test_places_and_the_platform_see_their_sums(settled: Town) -> None:
    sums = f"sums {{ bookings noShows cancelled gross {MONEY} platform {MONEY} refund {MONEY} }}"
    query = f"""query ($id: ID!) {{ place(id: $id) {{ dailyClose(day: "2026-01-05") {{
      startsAt endsAt {sums} spaces {{ spaceId number {sums} }} credits credited {MONEY} }} }} }}"""
    operator = settled.viewers["operator"]
    await credit_charge(
        operator, settled.keys["charge"], 10, "Sorry", clock=settled.clock, bus=settled.bus
    )
    close = (await settled.ask("operator", query, id=settled.ids["garage"]))["place"]["dailyClose"]
    # The day is that of Berlin's clocks.
    assert (close["startsAt"], close["endsAt"]) == ("2026-01-04T23:00:00Z", "2026-01-05T23:00:00Z")
    assert close["sums"]["bookings"] == 1
    assert minor(close["sums"], "gross") == 480
    assert minor(close["sums"], "platform") == 72
    assert minor(close["sums"], "refund") == 0
    [space] = close["spaces"]
    assert (space["spaceId"], space["sums"]) == (settled.ids["garage-1"], close["sums"])
    assert (close["credits"], minor(close, "credited")) == (1, 10)
    span = 'firstDay: "2026-01-04", untilDay: "2026-01-07"'
    asked = f"platformTotals({span}) {{ buckets {{ {sums} }} total {{ bookings gross {MONEY} }} }}"
    [totals] = (await settled.ask("platform", f"{{ {asked} }}"))["platformTotals"]
    assert [each["sums"]["bookings"] for each in totals["buckets"]] == [0, 2, 0]
    assert (totals["total"]["bookings"], minor(totals["total"], "gross")) == (2, 960)


READ = """query ($id: ID!) { node(id: $id) { ... on Organisation { settlements { nodes {
  id reservation { id escrow { balance { amountMinor } } payments { id } validations { id } }
  chargeRecords { id credits { id } } disputes { id evidence { text } } } } } } }"""


async def test_statements_do_not_grow_with_the_settlements(settled: Town) -> None:
    counts = []
    for _ in range(2):
        with counted() as statements:
            found = await settled.ask("operator", READ, id=settled.ids["harbour"])
        counts.append((len(found["node"]["settlements"]["nodes"]), len(statements)))
        await _another(settled)
    assert [each[0] for each in counts] == [1, 2]
    assert counts[0][1] == counts[1][1] <= 13


async def _another(town: Town) -> None:
    """One more settlement of the harbour's, with a cost of nothing: a full refund."""
    await book_paid(town, "another", "", 30)
    await cancelled(town, "another")


async def cancelled(town: Town, name: str) -> None:
    call = 'cancelReservation(reservationId: "{}", idempotencyKey: "{}")'
    asked = call.format(town.ids[name], town.fresh_key())
    done = await town.ask("driver", f"mutation {{ it: {asked} {{ __typename }} }}")
    assert done["it"]["__typename"] == "ReservationCancelled"
    assert await settle_ended(town.clock, town.bus) == 1


async def test_settlements_and_balance_are_told_live(settled: Town) -> None:
    update = "... on SettlementsUpdate { kind settlements { id outcome version } }"
    place = settled.ids["garage"]
    stream = await settled.subscribe(
        "operator", f'subscription {{ it: settlements(placeId: "{place}") {{ {update} }} }}'
    )
    wallets = "... on BalanceUpdate { wallets { balance { amountMinor } } }"
    money = await settled.subscribe("driver", f"subscription {{ it: balance {{ {wallets} }} }}")
    state = await told(stream)
    assert (state["kind"], len(state["settlements"])) == ("SNAPSHOT", 1)
    before = (await told(money))["wallets"][0]["balance"]["amountMinor"]
    await cancelled(settled, "coming")
    news = await told(stream)
    [settlement] = news["settlements"]
    assert (news["kind"], settlement["outcome"]) == ("DELTA", "CANCELLED")
    assert (await told(money))["wallets"][0]["balance"]["amountMinor"] == before + 480
    await stream.aclose()
    await money.aclose()


async def told(stream: Any) -> Any:
    result = await asyncio.wait_for(anext(stream), LONG)
    assert result.errors is None
    return result.data["it"]


TOP_UP = """mutation ($key: String!, $amount: MinorUnits!) {
  it: topUpWallet(amountMinor: $amount, currency: "EUR", idempotencyKey: $key) {
    __typename ... on Refusal { code }
    ... on WalletToppedUp { payment { id } wallets { balance { amountMinor } } } } }"""


async def test_a_wallet_is_filled_once_for_a_key(town: Town) -> None:
    key = town.fresh_key()
    refused = (await town.ask("driver", TOP_UP, key=key, amount=500))["it"]
    assert refused == {"__typename": "NotPermitted", "code": "NOT_PERMITTED"}
    object.__setattr__(town.services, "may_embed", True)
    for _ in range(2):
        done = (await town.ask("driver", TOP_UP, key=key, amount=500))["it"]
        assert done["payment"] is None
        assert done["wallets"] == [{"balance": {"amountMinor": 500}}]
    other = (await town.ask("driver", TOP_UP, key=key, amount=501))["it"]
    assert other["__typename"] == "IdempotencyKeyReused"


CONFIRM = """mutation ($id: ID!, $key: String!) {
  it: confirmReservation(reservationId: $id, idempotencyKey: $key) {
    __typename ... on NotFunded { code missing { amountMinor } }
    ... on DebtOutstanding { code owed { amountMinor } } } }"""


async def test_a_booking_that_is_not_paid_says_what_is_missing(settled: Town) -> None:
    object.__setattr__(settled.services, "funding", EscrowFunding())
    hold = await _hold(settled)
    answer = await settled.ask("attendant", CONFIRM, id=hold, key=settled.fresh_key())
    assert answer["it"] == {
        "__typename": "NotFunded", "code": "NOT_FUNDED", "missing": {"amountMinor": 480},
    }  # fmt: skip
    await fill_wallet(settled.viewers["attendant"], 480, at=settled.clock.now())
    answer = await settled.ask("attendant", CONFIRM, id=hold, key=settled.fresh_key())
    assert answer["it"]["__typename"] == "ReservationConfirmed"


async def _hold(town: Town) -> str:
    window = 'startsAt: "2026-01-09T08:00:00Z", endsAt: "2026-01-09T10:00:00Z"'
    call = f'reserveSpace(input: {{spaceId: "{town.ids["garage-1"]}", {window}}}'
    asked = f'{call}, idempotencyKey: "{town.fresh_key()}")'
    told = "... on Reserved { reservation { id } }"
    done = await town.ask("attendant", f"mutation {{ it: {asked} {{ {told} }} }}")
    return str(done["it"]["reservation"]["id"])
