"""What the platform says who got what of each booking, as its public API shows it to the operator,
and what its ledger's postings come to."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from berth.replay.shares import Divided
from berth.replay.talking import Talk
from parking.storage.sql import Sql, as_time

PAGE = 20

SETTLEMENTS = """query Settlements($place: ID!, $first: Int!, $after: String) {
  place(id: $place) {
    settlements(first: $first, after: $after) {
      nodes {
        outcome
        cost { amountMinor } secured { amountMinor } validation { amountMinor }
        toppedUp { amountMinor } receivable { amountMinor } refund { amountMinor }
        owner { amountMinor } property { amountMinor } platform { amountMinor }
        tax { amountMinor }
        chargeRecords { number amount { amountMinor } body digest }
        reservation { id escrow { state balance { amountMinor } } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""

POSTINGS = """
SELECT a.name, a.currency, p.amount_minor, p.at
  FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
 WHERE NOT p.is_pending
"""
"""What was only reserved is no money moved."""

UNSETTLED = """
SELECT r.id, r.state, (SELECT COUNT(*) FROM settlement s WHERE s.reservation_id = r.id) AS settled
  FROM reservation r
 WHERE r.confirmed_at IS NOT NULL
   AND (SELECT COUNT(*) FROM settlement s WHERE s.reservation_id = r.id) <> 1
 ORDER BY r.id
"""

UNDONE = "SELECT key, state, last_error FROM rail_order WHERE state <> 'DONE' ORDER BY id"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A bill: its number, amount, body (JSON) and the digest of that."""

    number: str
    amount_minor: int
    body: str
    digest: str


@dataclass(frozen=True, slots=True)
class Settled:
    """A settlement as it is shown. `escrow` is the state and the balance of its pocket."""

    outcome: str
    cost_minor: int
    parts: Divided
    secured_minor: int
    validation_minor: int
    topped_up_minor: int
    receivable_minor: int
    refund_minor: int
    escrow: tuple[str, int]
    receipts: tuple[Receipt, ...]


async def read_settlements(talk: Talk, place: str) -> dict[str, list[Settled]]:
    """All settlements of the place by their reservation's id. Raises `ApiAway`, `ApiRefuses`."""
    found: dict[str, list[Settled]] = defaultdict(list)
    after = None
    while True:
        variables = {"place": place, "first": PAGE, "after": after}
        connection = (await talk.query(SETTLEMENTS, variables))["place"]["settlements"]
        for node in connection["nodes"]:
            found[node["reservation"]["id"]].append(_settled(node))
        if not connection["pageInfo"]["hasNextPage"]:
            return found
        after = connection["pageInfo"]["endCursor"]


def _settled(node: dict[str, Any]) -> Settled:
    escrow = node["reservation"]["escrow"]
    return Settled(
        outcome=node["outcome"],
        cost_minor=_minor(node["cost"]),
        parts=Divided(*(_minor(node[name]) for name in ("owner", "property", "platform", "tax"))),
        secured_minor=_minor(node["secured"]),
        validation_minor=_minor(node["validation"]),
        topped_up_minor=_minor(node["toppedUp"]),
        receivable_minor=_minor(node["receivable"]),
        refund_minor=_minor(node["refund"]),
        escrow=(escrow["state"], _minor(escrow["balance"])),
        receipts=tuple(
            Receipt(each["number"], _minor(each["amount"]), each["body"], each["digest"])
            for each in node["chargeRecords"]
        ),
    )


def _minor(amount: dict[str, Any]) -> int:
    return int(amount["amountMinor"])


@dataclass(frozen=True, slots=True)
class Books:
    """Sums of the postings: by account, and by currency and day (UTC). `unsettled` are bookings
    that were confirmed and have not exactly one settlement, `undone` what a rail was to do and has
    not; `paid_out_minor` was sent to lessors and places."""

    accounts: dict[str, int]
    days: dict[tuple[str, str], int]
    unsettled: list[str]
    undone: list[str]
    paid_out_minor: int = 0

    def of(self, kind: str) -> dict[str, int]:
        """The accounts whose names begin so, by the rest of the name."""
        start = f"{kind}:"
        return {
            name.removeprefix(start): amount
            for name, amount in self.accounts.items()
            if name.startswith(start)
        }


async def read_books(sql: Sql) -> Books:
    """By sums of our own over the bare rows."""
    accounts: dict[str, int] = defaultdict(int)
    days: dict[tuple[str, str], int] = defaultdict(int)
    for row in await sql.fetch(POSTINGS):
        accounts[row["name"]] += row["amount_minor"]
        days[row["currency"], f"{as_time(row['at']):%Y-%m-%d}"] += row["amount_minor"]
    unsettled = [
        f"reservation {row['id']} ({row['state']}): {row['settled']} settlements"
        for row in await sql.fetch(UNSETTLED)
    ]
    undone = [
        f"order {row['key']} ({row['state']}): {row['last_error']}"
        for row in await sql.fetch(UNDONE)
    ]
    payouts = await sql.fetch("SELECT amount_minor FROM payout WHERE state = 'PAID'")
    return Books(accounts, days, unsettled, undone, sum(row["amount_minor"] for row in payouts))
