"""Whether the money went where it must have: each settlement, its receipt, and the books."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from berth.replay.compare import Aspect, Difference
from berth.replay.declared import Visit
from berth.replay.purses import Due, Reckoned
from berth.replay.renter import Renter
from berth.replay.settled import Books, Receipt, Settled
from parking.clock import rfc3339
from parking.ledger.findings import Finding
from parking.settlement.receipts import recompute_receipt

SETTLED_AND_EMPTY = ("SETTLED", 0)


def judge_settlements(
    visits: Sequence[Visit],
    reckoned: Reckoned,
    renters: Mapping[int, Renter],
    found: Mapping[str, Sequence[Settled]],
) -> Iterator[Difference]:
    """Every booking that is over was settled once, as it must have been; nothing else was."""
    known: set[str] = set()
    for visit in visits:
        renter, dues = renters[visit.number], reckoned.dues[visit.number]
        known.update(renter.made)
        for number, due in enumerate(dues):
            made = renter.made[number] if number < len(renter.made) else ""
            yield from _judge_one(visit, due, found.get(made, ()), has_card=renter.has_card)
        if not renter.has_card and renter.told != reckoned.told[visit.number]:
            wanted = f"refused with {reckoned.told[visit.number]}"
            yield _different(Aspect.MONEY, visit, wanted, f"refused with {renter.told}")
    for reservation in found.keys() - known:
        told = f"a settlement of {reservation}"
        yield Difference(Aspect.MONEY, None, None, "settlements of the visits only", told)


def _judge_one(
    visit: Visit, due: Due, found: Sequence[Settled], *, has_card: bool
) -> Iterator[Difference]:
    if len(found) != 1:
        yield _different(Aspect.MONEY, visit, "1 settlement", f"{len(found)} settlements")
        return
    [is_so] = found
    if (wanted := _told_due(due, has_card)) != (told := _told(is_so, has_card)):
        yield _different(Aspect.MONEY, visit, wanted, told)
    came_in = is_so.secured_minor + is_so.validation_minor + is_so.topped_up_minor
    went_out = is_so.parts.cost_minor + is_so.refund_minor
    if came_in + is_so.receivable_minor != went_out or is_so.cost_minor != is_so.parts.cost_minor:
        yield _different(Aspect.MONEY, visit, "parts that are the whole", told)
    if is_so.escrow != SETTLED_AND_EMPTY:
        yield _different(Aspect.MONEY, visit, "an empty escrow", f"escrow {is_so.escrow}")
    if len(is_so.receipts) != 1:
        told = f"{len(is_so.receipts)} receipts"
        yield _different(Aspect.RECEIPT, visit, "1 receipt", told)
    for receipt in is_so.receipts:
        if (fault := receipt_fault(receipt, is_so)) is not None:
            yield _different(Aspect.RECEIPT, visit, "a receipt that follows from itself", fault)


def receipt_fault(receipt: Receipt, settled: Settled) -> str | None:
    """What is wrong with a receipt; None when it is the settlement's, digested as it stands, and
    every amount follows from its own body, by sums of our own and by the platform's rules."""
    body = orjson.loads(receipt.body)
    if hashlib.sha256(receipt.body.encode()).hexdigest() != receipt.digest:
        return f"{receipt.number} has another digest"
    try:
        recompute_receipt(receipt.body)
    except ValueError as fault:
        return f"{receipt.number}: {fault}"
    sums = {settled.cost_minor, receipt.amount_minor, body["amountMinor"], _lines(body)}
    if len(sums) > 1 or sum(body["split"].values()) != settled.cost_minor:
        return f"{receipt.number} comes to {sorted(sums)}, split {body['split']}"
    return None


def _lines(body: Mapping[str, Any]) -> int:
    return sum(line["amountMinor"] for part in body["stay"] for line in part["lines"])


def judge_books(
    reckoned: Reckoned, books: Books, people: Mapping[int, int]
) -> Iterator[Difference]:
    """Every account has what it must; `people` are drivers' ids by the visits that are theirs."""
    yield from judge_balance(books)
    dues = reckoned.all_dues
    wanted: dict[str, Mapping[str, int]] = {
        "driver": _by_person(reckoned.wallets, people),
        "receivable": {k: -v for k, v in _by_person(reckoned.debts, people).items()},
        "platform": {"revenue": sum(due.parts.platform_minor for due in dues)},
        "tax": {"payable": sum(due.parts.tax_minor for due in dues)},
        "external": {"wallet": books.paid_out_minor - reckoned.paid_in_minor},
    }
    for kind, amounts in wanted.items():
        yield from _compare(kind, amounts, books.of(kind))
    if books.paid_out_minor != reckoned.paid_out_minor:
        yield _wrong(f"{reckoned.paid_out_minor} paid out", f"{books.paid_out_minor}")
    shares = sum(due.parts.owner_minor + due.parts.property_minor for due in dues)
    owed = sum(books.of("owner").values()) + sum(books.of("property").values())
    if owed + books.paid_out_minor != shares:
        told = f"{owed} owed and {books.paid_out_minor} paid out"
        yield _wrong(f"{shares} for lessor and place", told)


def judge_balance(books: Books) -> Iterator[Difference]:
    """What holds whatever happened: each currency and day comes to nothing, each escrow is empty,
    and every booking that was confirmed is settled once."""
    for (currency, day), amount in sorted(books.days.items()):
        if amount:
            yield _wrong(f"postings of {day} in {currency} that sum to 0", f"they sum to {amount}")
    for name, amount in books.of("escrow").items():
        if amount:
            yield _wrong(f"nothing in escrow {name}", f"{amount}")
    for told in books.unsettled:
        yield _wrong("one settlement of each booking", told)
    for told in books.undone:
        yield _wrong("nothing that a rail has still to do", told)


def judge_verified(findings: Sequence[Finding]) -> Iterator[Difference]:
    """The platform's own check finds nothing either."""
    for each in findings:
        yield _wrong("books that `berth ledger verify` finds sound", f"{each.code}: {each.message}")


def _by_person(amounts: Mapping[int, int], people: Mapping[int, int]) -> dict[str, int]:
    return {str(people[driver]): amount for driver, amount in amounts.items() if driver in people}


def _compare(
    kind: str, wanted: Mapping[str, int], found: Mapping[str, int]
) -> Iterator[Difference]:
    for name in sorted(wanted.keys() | found.keys()):
        must, has = wanted.get(name, 0), found.get(name, 0)
        if must != has:
            yield _wrong(f"{kind}:{name} {must}", f"{has}")


def _told_due(due: Due, has_card: bool) -> str:
    parts = due.parts
    short = _short(due.topped_up_minor, due.receivable_minor, has_card)
    return _sentence(due.outcome, parts.cost_minor, due.secured_minor, short, due.refund_minor) + (
        f" {parts}"
    )


def _told(settled: Settled, has_card: bool) -> str:
    short = _short(settled.topped_up_minor, settled.receivable_minor, has_card)
    return (
        _sentence(
            settled.outcome, settled.cost_minor, settled.secured_minor, short, settled.refund_minor
        )
        + f" {settled.parts}"
    )


def _short(topped_up: int, receivable: int, has_card: bool) -> str:
    """With a card it depends on the rail's answers which of the two it is."""
    return str(topped_up + receivable) if has_card else f"{topped_up} and {receivable} owed"


def _sentence(outcome: str, cost: int, secured: int, short: str, refund: int) -> str:
    return f"{outcome}: {cost}, secured {secured}, topped up {short}, refund {refund};"


def figures(reckoned: Reckoned, books: Books) -> dict[str, Any]:
    """What is reported, in minor units: as reckoned, so as found where nothing differs."""
    dues = reckoned.all_dues
    told = Counter(each.code for tells in reckoned.told.values() for each in tells)
    return {
        "settled": len(dues),
        "outcomes": dict(Counter(due.outcome for due in dues)),
        "cost": sum(due.parts.cost_minor for due in dues),
        "owner": sum(due.parts.owner_minor for due in dues),
        "property": sum(due.parts.property_minor for due in dues),
        "platform": sum(due.parts.platform_minor for due in dues),
        "tax": sum(due.parts.tax_minor for due in dues),
        "refund": sum(due.refund_minor for due in dues),
        "toppedUp": sum(due.topped_up_minor for due in dues),
        "receivable": sum(due.receivable_minor for due in dues),
        "receivables": sum(due.receivable_minor > 0 for due in dues),
        "stillOwed": -sum(books.of("receivable").values()),
        "inWallets": sum(books.of("driver").values()),
        "paidIn": reckoned.paid_in_minor,
        "paidOut": books.paid_out_minor,
        "confirmationsRefused": dict(told),
        "days": len(books.days),
        "external": books.of("external"),
    }


def _wrong(expected: str, found: str) -> Difference:
    return Difference(Aspect.BOOKS, None, None, expected, found)


def _different(aspect: Aspect, visit: Visit, expected: str, found: str) -> Difference:
    told = f"{found} (visit {visit.number}, {rfc3339(visit.arrival)})"
    return Difference(aspect, visit.space, visit.arrival, expected, told)
