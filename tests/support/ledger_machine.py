"""A random machine of transfers beside a simple model that says what must come of each.

The model knows sums and nothing else: no tables, no hashes, no locks. It tells for every step how
it must end, and what must be in each account afterwards.
"""

import random
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from parking.ledger import accounts as chart
from parking.ledger.accounts import LIMITS, Account
from parking.ledger.balances import Balance, balances
from parking.ledger.correct import correct
from parking.ledger.due import expire_due
from parking.ledger.refusals import LedgerRefusal
from parking.ledger.transfers import Movement, hold, post, transfer, void
from parking.storage.sql import Sql
from parking.storage.transactions import transaction

CURRENCIES = ("EUR", "USD", "CNY")
PARTIES = 6
RECENT = 200
EXPIRY_SECONDS_MAX = 40
DUE_MAX = 1_000
OK = "OK"
MADE = {f"{verb} {OK}" for verb in ("transfer", "hold", "post", "void", "correct")}

Entries = dict[Account, int]


@dataclass(frozen=True)
class Step:
    """One thing to be asked of the ledger; `target` is the transfer that it is about."""

    verb: str
    public_id: str
    at: datetime
    entries: Entries | None = None
    target: str = ""
    expires_at: datetime | None = None


@dataclass
class Pending:
    """What the model knows of a pending transfer; `ended` is how one that is resolved refuses."""

    entries: Entries
    expires_at: datetime
    ended: str = ""


@dataclass
class Moved:
    """What a transfer moved, and what of it was taken back."""

    entries: Entries
    back: Counter[Account] = field(default_factory=Counter)


@dataclass
class Model:
    """Sums of what was moved and reserved."""

    posted: Counter[Account] = field(default_factory=Counter)
    held: Counter[Account] = field(default_factory=Counter)
    pending: dict[str, Pending] = field(default_factory=dict)
    moved: dict[str, Moved] = field(default_factory=dict)

    def judge(self, step: Step) -> set[str]:
        """How the step may end; more than one way where two limits are in its way. Not for one
        that was done before."""
        if step.verb in {"transfer", "hold"}:
            return self._limits(step.entries or {}, is_pending=step.verb == "hold")
        if step.verb == "correct":
            return self._judge_correction(step)
        pending = self.pending[step.target]
        if pending.ended:
            return {pending.ended}
        if step.verb == "void":
            return {OK}
        if pending.expires_at <= step.at:
            return {"PENDING_EXPIRED"}
        asked = step.entries or pending.entries
        return {OK} if _is_part(asked, pending.entries) else {"EXCEEDS_PENDING"}

    def _judge_correction(self, step: Step) -> set[str]:
        moved = self.moved[step.target]
        left = {each: -amount - moved.back[each] for each, amount in moved.entries.items()}
        asked = step.entries or {each: -amount for each, amount in moved.entries.items()}
        return self._limits(asked) if _is_part(asked, left) else {"EXCEEDS_ORIGINAL"}

    def _limits(self, entries: Entries, *, is_pending: bool = False) -> set[str]:
        faults = set()
        for account, amount in entries.items():
            limits = LIMITS[account.kind]
            free = self.posted[account] - self.held[account]
            if amount < 0 and limits.minimum_minor is not None and free + amount < 0:
                faults.add("INSUFFICIENT_FUNDS")
            if (
                amount > 0
                and limits.maximum_minor is not None
                and not is_pending
                and self.posted[account] + amount > 0
            ):
                faults.add("ABOVE_LIMIT")
        return faults or {OK}

    def apply(self, step: Step) -> None:
        """The step was done."""
        if step.verb == "hold":
            assert step.entries is not None
            assert step.expires_at is not None
            self.pending[step.public_id] = Pending(step.entries, step.expires_at)
            self._reserve(step.entries, 1)
            return
        if step.verb in {"post", "void"}:
            pending = self.pending[step.target]
            self._reserve(pending.entries, -1)
            pending.ended = "ALREADY_POSTED" if step.verb == "post" else "ALREADY_VOIDED"
        if step.verb != "void":
            self._move(step)
        for kept in (self.pending, self.moved):
            _forget(kept)

    def _move(self, step: Step) -> None:
        entries = step.entries
        if step.verb == "post":
            entries = entries or self.pending[step.target].entries
        elif step.verb == "correct":
            moved = self.moved[step.target]
            entries = entries or {each: -amount for each, amount in moved.entries.items()}
            moved.back.update(entries)
        assert entries is not None
        self.posted.update(entries)
        self.moved[step.public_id] = Moved(entries)

    def expire(self, now: datetime) -> int:
        """The worker looks; how many it must find."""
        due = [p for p in self.pending.values() if not p.ended and p.expires_at <= now]
        for pending in due:
            pending.ended = "PENDING_EXPIRED"
            self._reserve(pending.entries, -1)
        return len(due)

    def _reserve(self, entries: Entries, sign: int) -> None:
        for account, amount in entries.items():
            if amount < 0:
                self.held[account] -= sign * amount


def _is_part(asked: Entries, whole: Entries) -> bool:
    return all(
        amount * whole.get(account, 0) > 0 and abs(amount) <= abs(whole[account])
        for account, amount in asked.items()
    )


def _forget(kept: dict[str, Pending] | dict[str, Moved]) -> None:
    """Keep what is open and what is recent: the model stays small however long it runs."""
    if len(kept) > 2 * RECENT:
        for public_id, each in list(kept.items())[:RECENT]:
            if not isinstance(each, Pending) or each.ended:
                del kept[public_id]


class Machine:
    """Thinks of steps, has them done, and compares."""

    def __init__(self, seed: int) -> None:
        self.model = Model()
        self.ended: Counter[str] = Counter()
        """How often a verb ended how."""
        self._rng = random.Random(seed)
        self.now = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
        self._number = 0
        self._recent: deque[tuple[Step, bool]] = deque(maxlen=RECENT)

    @property
    def made(self) -> int:
        """How many transfers there are by now, without those that the clock expired."""
        return sum(n for how, n in self.ended.items() if how in MADE)

    async def run(self, steps: int, batch: int) -> None:
        """So many steps, `batch` to a transaction; tracked accounts are compared after each."""
        for begun in range(0, steps, batch):
            async with transaction() as sql:
                for _ in range(min(batch, steps - begun)):
                    await self._step(sql)
            async with transaction() as sql:
                await self.compare(sql, is_tracked=True)

    async def compare(self, sql: Sql, *, is_tracked: bool) -> None:
        """Raises AssertionError where an account is not what the model says."""
        wanted = [a for a in self.model.posted if not is_tracked or LIMITS[a.kind].is_tracked]
        found = await balances(sql, wanted)
        expected = {a: Balance(self.model.posted[a], self.model.held[a]) for a in wanted}
        assert found == expected

    async def _step(self, sql: Sql) -> None:
        if self._rng.random() < 0.1:
            self.now += timedelta(seconds=self._rng.randint(1, 10))
            assert await expire_due(self.now, DUE_MAX) == self.model.expire(self.now)
            return
        step, expected, is_new = self._think()
        ended = await _do(sql, step)
        assert ended in expected, f"{step} ended as {ended}, expected {expected}"
        self.ended[f"{step.verb} {ended}" if is_new else f"again {ended}"] += 1
        if is_new:
            if ended == OK:
                self.model.apply(step)
            self._recent.append((step, ended == OK))

    def _think(self) -> tuple[Step, set[str], bool]:
        """A step, how it may end, and whether it is to have an effect."""
        if self._recent and self._rng.random() < 0.06:
            step, is_done = self._rng.choice(self._recent)
            if is_done:
                return self._again(step)
        step = self._new()
        return step, self.model.judge(step), True

    def _again(self, step: Step) -> tuple[Step, set[str], bool]:
        later = replace(step, at=self.now)
        if step.expires_at is not None:
            later = replace(later, expires_at=self.now + timedelta(seconds=1))
        if later.entries is None or self._rng.random() < 0.5:
            return later, {OK}, False
        other = {account: 2 * amount for account, amount in later.entries.items()}
        return replace(later, entries=other), {"TRANSFER_DIFFERS"}, False

    def _new(self) -> Step:
        self._number += 1
        step = Step("transfer", f"m{self._number}", self.now)
        chance = self._rng.random()
        if chance < 0.55 or not self.model.moved:
            return replace(step, entries=self._movement())
        if chance < 0.75 or not self.model.pending:
            expires_at = self.now + timedelta(seconds=self._rng.randint(1, EXPIRY_SECONDS_MAX))
            return replace(step, verb="hold", entries=self._reservation(), expires_at=expires_at)
        if chance < 0.85:
            return self._about(replace(step, verb="post"))
        if chance < 0.92:
            return replace(step, verb="void", target=self._pending())
        return self._about(replace(step, verb="correct"))

    def _about(self, step: Step) -> Step:
        """Of a transfer: the whole, or a part or too much of its first two parties."""
        known = self.model.pending if step.verb == "post" else self.model.moved
        target = self._pending() if step.verb == "post" else self._choice(self.model.moved)
        step = replace(step, target=target)
        if self._rng.random() < 0.4:
            return step
        sign = 1 if step.verb == "post" else -1
        entries = known[target].entries
        payer = min(entries, key=lambda each: entries[each])
        payee = max(entries, key=lambda each: entries[each])
        if payer.currency != payee.currency:
            return step
        most = min(-entries[payer], entries[payee])
        amount = self._rng.randint(1, max(1, int(most * 1.2)))
        return replace(step, entries={payer: -sign * amount, payee: sign * amount})

    def _pending(self) -> str:
        """Mostly one that waits."""
        waiting = [name for name, each in self.model.pending.items() if not each.ended]
        if waiting and self._rng.random() < 0.6:
            return self._rng.choice(waiting)
        return self._choice(self.model.pending)

    def _choice(self, known: dict[str, Pending] | dict[str, Moved]) -> str:
        return self._rng.choice(list(known)[-RECENT:])

    def _reservation(self) -> Entries:
        outside, driver, escrow = self._own(self._currency())
        return self._two(self._rng.choice((outside, driver)), escrow)

    def _own(self, currency: str) -> tuple[Account, Account, Account]:
        who = self._rng.randrange(PARTIES)
        wallet = chart.driver(who, currency)
        return chart.external("wallet", currency), wallet, chart.escrow(who, currency)

    def _currency(self) -> str:
        return self._rng.choice(CURRENCIES)

    def _two(self, payer: Account, payee: Account) -> Entries:
        amount = self._rng.randint(1, 500)
        return {payer: -amount, payee: amount}

    def _movement(self) -> Entries:
        currency = self._currency()
        outside, driver, escrow = self._own(currency)
        debt = chart.receivable(self._rng.randrange(PARTIES), currency)
        lessor = chart.owner(self._rng.randrange(PARTIES), currency)
        kinds = (
            lambda: self._two(outside, driver),
            lambda: self._two(driver, escrow),
            lambda: self._two(driver, outside),
            lambda: self._split(escrow, driver),
            lambda: self._two(debt, lessor),
            lambda: self._two(self._rng.choice((outside, driver)), debt),
            lambda: self._two(lessor, outside),
            lambda: {**self._two(outside, driver), **self._exchange(driver)},
        )
        return self._rng.choices(kinds, weights=(5, 5, 2, 4, 1, 1, 2, 1))[0]()

    def _exchange(self, driver: Account) -> Entries:
        """Another currency's part of the same transfer."""
        others = [each for each in CURRENCIES if each != driver.currency]
        other = self._rng.choice(others)
        return self._two(chart.external("wallet", other), Account(driver.name, other))

    def _split(self, escrow: Account, driver: Account) -> Entries:
        currency, who = escrow.currency, self._rng.randrange(PARTIES)
        payees = [
            chart.owner(who, currency),
            chart.property_of(who, currency),
            chart.platform(currency),
            chart.tax(currency),
            driver,
        ]
        parts = {payee: self._rng.randint(0, 60) for payee in payees}
        parts[payees[0]] += 1
        return {escrow: -sum(parts.values()), **{p: a for p, a in parts.items() if a}}


async def _do(sql: Sql, step: Step) -> str:
    """Have it done; how it ended."""
    try:
        await _ask(sql, step)
    except LedgerRefusal as refusal:
        return refusal.code
    return OK


async def _ask(sql: Sql, step: Step) -> None:
    movement = Movement(step.public_id, "machine", step.entries or {}) if _moves(step) else None
    if movement is not None and step.expires_at is not None:
        await hold(sql, movement, step.at, step.expires_at)
    elif movement is not None:
        await transfer(sql, movement, step.at)
    elif step.verb == "post":
        await post(sql, step.target, step.public_id, step.at, step.entries)
    elif step.verb == "void":
        await void(sql, step.target, step.public_id, step.at)
    else:
        await correct(sql, step.target, step.public_id, step.at, "random", step.entries)


def _moves(step: Step) -> bool:
    return step.verb in {"transfer", "hold"}
