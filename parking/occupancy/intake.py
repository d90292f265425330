"""Taking in reports of many devices: durable in groups, acknowledged after the commit.

What the group commit promises and why is in docs/adr/0021-group-commit.md.
"""

import asyncio
from asyncio import CancelledError
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter

from parking.clock import Clock
from parking.devices.gathering import Done, Gathering
from parking.devices.health import write_events
from parking.devices.models import DeviceKind
from parking.devices.rules import HealthValue, order_boot, order_sequence
from parking.events.bus import Bus
from parking.occupancy.announcer import Announcer
from parking.occupancy.change import PlaceChange
from parking.occupancy.models import Axis
from parking.occupancy.record import Report, Verdict, judge, record_within
from parking.occupancy.rows import StateRow, read_states
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction


@dataclass(frozen=True, slots=True)
class StateFact:
    """A value of one axis of the space at `observed_at`, and since when where the device knows.

    Times are aware UTC.
    """

    axis: Axis
    value: str
    observed_at: datetime
    since: datetime | None = None


@dataclass(slots=True, eq=False)
class Reporter:
    """A device as one gateway knows it: who it is, and what it said last in this process.

    `boot`, `sequence` and `values` are of the newest report that was acknowledged here; they only
    ever tell which reports need no write, and the database is asked before that is believed.
    `counts` is whether it numbers its reports itself, `arrivals` the number given to its last
    report where neither it nor OSCORE does. `is_commanded`: it was given a command, so what it
    says is news though it says the same as before.
    """

    device_id: int
    endpoint: str
    kind: DeviceKind
    lifetime_seconds: int
    place_id: int
    space_id: int | None
    generation: int = 0
    credential_id: int | None = None
    objects: frozenset[int] = frozenset()
    events: dict[str, HealthValue] = field(default_factory=dict)
    boot: int = -1
    sequence: int = -1
    values: tuple[tuple[Axis, str], ...] = ()
    counts: bool = False
    arrivals: int = 0
    is_commanded: bool = False

    @property
    def key(self) -> tuple[int, int | None]:
        """Device and credential."""
        return self.device_id, self.credential_id


@dataclass(slots=True, eq=False)
class Delivery:
    """One report on its way into the database.

    `boot` and `sequence` are as the device counts. `events` is what changes of its durable
    health, None where nothing does. A refresh is acknowledged already: it only notes that the
    state was observed again. `command_id` is the command that it answers, `refusal` the word with
    which a lock refuses to move.
    """

    reporter: Reporter
    boot: int
    sequence: int
    facts: Sequence[StateFact]
    received_at: datetime
    events: Mapping[str, HealthValue] | None = None
    is_refresh: bool = False
    command_id: int | None = None
    refusal: str = ""

    @property
    def order(self) -> tuple[int, int, int]:
        """Sorts the reports of a group: those of one device by their numbers."""
        return self.reporter.device_id, self.boot, self.sequence

    @property
    def is_outdated(self) -> bool:
        """Whether a newer report of the device was acknowledged meanwhile."""
        return (self.boot, self.sequence) < (self.reporter.boot, self.reporter.sequence)

    @property
    def values(self) -> tuple[tuple[Axis, str], ...]:
        """What it says, without the times."""
        return tuple((fact.axis, fact.value) for fact in self.facts)

    @property
    def is_of_lock(self) -> bool:
        """Whether it says something new of a lock."""
        is_about_arm = bool(self.refusal) or any(fact.axis is Axis.LOCK for fact in self.facts)
        return is_about_arm and not self.is_refresh

    def continues(self) -> bool:
        """Whether it repeats the last report of an unbroken run.

        A gap in the numbers means that an older report may still be under way: then this one is
        written, so that the older is known to be older even after a crash.
        """
        last = self.reporter
        return (
            self.events is None
            and not self.is_refresh
            and not self.refusal
            and not last.is_commanded
            and self.boot == last.boot
            and self.sequence == last.sequence + 1
            and self.values == last.values
        )

    def reports(self, place_id: int, space_id: int) -> list[Report]:
        """For `record_within`, in the order of time."""
        boot = order_boot(self.reporter.generation, self.boot)
        return [
            Report(
                space_id=space_id,
                place_id=place_id,
                axis=fact.axis,
                value=fact.value,
                observed_at=fact.observed_at,
                received_at=self.received_at,
                device_id=self.reporter.device_id,
                boot=boot,
                sequence=order_sequence(self.sequence, index),
                since=fact.since,
            )
            for index, fact in enumerate(self.facts)
        ]

    def remember(self) -> None:
        """It is acknowledged: what comes next is measured against it."""
        reporter = self.reporter
        if self.events is not None:
            reporter.events.update(self.events)
        if self.facts and (self.boot, self.sequence) > (reporter.boot, reporter.sequence):
            reporter.boot, reporter.sequence = self.boot, self.sequence
            reporter.values = self.values
            reporter.is_commanded = False


class OwnershipLost(Exception):
    """Another gateway holds the security context now, or the credential is revoked.

    Nothing was recorded. The gateway forgets the context, and the device proves itself anew.
    """


Within = Callable[[PlaceChange, Sequence[Delivery]], Awaitable[None]]
"""What follows from reports in the layers above, in their transaction: they are recorded, the
places are locked, nothing is committed yet."""


class Intake:
    """The reports' way into the database, one for each gateway process.

    `within` is called with the reports of a group that say something of a lock.
    """

    def __init__(self, clock: Clock, bus: Bus, gateway: str, within: Within | None = None) -> None:
        self._clock = clock
        self._within = within
        self._announcer = Announcer(bus)
        self._gateway = gateway
        self._gathering: Gathering[Delivery, None] = Gathering(self._commit)
        self._refreshes: dict[int, Delivery] = {}
        self.recorded = 0
        self.unchanged = 0

    @property
    def waiting(self) -> int:
        """Reports that are not yet committed."""
        return len(self._gathering)

    @property
    def groups(self) -> int:
        """Groups committed so far."""
        return self._gathering.groups

    def submit(self, delivery: Delivery, done: Done[None]) -> None:
        """Take a report; `done` is called with None once it is durable, or with what went wrong.

        That is OwnershipLost, or what the database raised. Raises TooManyWaiting.
        """
        self._gathering.submit(delivery, done)

    async def flush(self) -> None:
        """Store, as one group, that states were observed again. Raises what the database raises."""
        refreshes, self._refreshes = self._refreshes, {}
        results = [self._gathering.result(refresh) for refresh in refreshes.values()]
        outcomes = await asyncio.gather(*results, return_exceptions=True)
        failures = [o for o in outcomes if isinstance(o, Exception | CancelledError)]
        if any(not isinstance(failure, OwnershipLost) for failure in failures):
            self._refreshes = refreshes | self._refreshes
            raise failures[0]

    async def close(self) -> None:
        """Commit and publish everything taken."""
        await self._gathering.drain()
        await self.flush()
        await self._announcer.drain()

    async def _commit(self, group: Sequence[Delivery]) -> list[Exception | None]:
        quiet = await self._quiet(group)
        loud = [d for d in group if d not in quiet and not (d.is_refresh and d.is_outdated)]
        loud.sort(key=attrgetter("order"))
        lost = await retried(lambda: self._write(loud)) if loud else set[Delivery]()
        self.recorded += sum(not d.is_refresh for d in loud) - len(lost)
        self.unchanged += len(quiet)
        return [self._outcome(delivery, delivery in lost) for delivery in group]

    def _outcome(self, delivery: Delivery, is_lost: bool) -> Exception | None:
        if is_lost:
            return OwnershipLost(f"{delivery.reporter.endpoint} belongs to another gateway")
        delivery.remember()
        return None

    async def _quiet(self, group: Sequence[Delivery]) -> set[Delivery]:
        """Those that repeat what the database holds; it is read after they arrived."""
        first: dict[int, Delivery] = {}
        for delivery in group:
            first.setdefault(delivery.reporter.device_id, delivery)
        candidates = [d for d in first.values() if d.continues() and d.reporter.space_id]
        if not candidates:
            return set()
        spaces = sorted({d.reporter.space_id for d in candidates if d.reporter.space_id})
        states = await read_states(database(), spaces)
        quiet = {d for d in candidates if _is_known(d, states)}
        for delivery in quiet:
            refresh = replace(delivery, is_refresh=True)
            self._refreshes[delivery.reporter.device_id] = refresh
        return quiet

    async def _write(self, group: Sequence[Delivery]) -> set[Delivery]:
        """Record a group in one transaction; returns those whose reporter is not ours any more."""
        async with transaction() as sql:
            links = await _links(sql, group, self._gateway)
            lost = {d for d in group if d.reporter.key not in links}
            kept = [d for d in group if d not in lost]
            # Health first, then places: the order in which every verb locks them.
            changed = {d.reporter.device_id: d.events for d in kept if d.events is not None}
            await write_events(sql, changed)
            reports = [report for d in kept for report in _reports(d, links)]
            change = await record_within(sql, reports, self._clock.now())
            await self._follow(change, kept)
        for delivery in kept:
            link = links[delivery.reporter.key]
            delivery.reporter.place_id, delivery.reporter.space_id = link
        self._announcer.announce(change.updates(), change.messages)
        return lost

    async def _follow(self, change: PlaceChange, group: Sequence[Delivery]) -> None:
        spoken = [d for d in group if d.is_of_lock]
        if spoken and self._within is not None:
            await self._within(change, spoken)


def _is_known(delivery: Delivery, states: Mapping[int, StateRow]) -> bool:
    place_id, space_id = delivery.reporter.place_id, delivery.reporter.space_id
    state = states.get(space_id) if space_id is not None else None
    if state is None or space_id is None:
        return False
    return all(
        _held_by(state, report) and judge(report, state) is Verdict.REFRESH
        for report in delivery.reports(place_id, space_id)
    )


def _held_by(state: StateRow, report: Report) -> bool:
    if report.axis is Axis.OCCUPANCY:
        return state.source is report.source and state.occupancy_device_id == report.device_id
    return state.lock_device_id == report.device_id


Key = tuple[int, int | None]
"""Device id and credential id."""

Links = dict[Key, tuple[int, int | None]]
"""Place id and space id by the key of a reporter."""


def _reports(delivery: Delivery, links: Links) -> list[Report]:
    place_id, space_id = links[delivery.reporter.key]
    return [] if space_id is None else delivery.reports(place_id, space_id)


async def _links(sql: Sql, group: Sequence[Delivery], gateway: str) -> Links:
    """Where the reporters are that are live and ours.

    A replayed message passes at most one gateway: the one that holds the context (RFC 8613
    section 7.4). Whoever lost it may still think a message fresh, so this is asked in the
    transaction that records it.
    """
    rows = await sql.fetch(
        "SELECT d.id, d.place_id, d.space_id, d.is_unsecured, s.credential_id FROM device d"
        "  LEFT JOIN device_credential c ON c.device_id = d.id AND c.revoked_at IS NULL"
        "  LEFT JOIN security_state s ON s.credential_id = c.id AND s.gateway = $2"
        f" WHERE d.id {sql.any_of('$1')} AND d.revoked_at IS NULL",
        sorted({d.reporter.device_id for d in group}),
        gateway,
    )
    return {
        (row["id"], row["credential_id"]): (row["place_id"], row["space_id"])
        for row in rows
        if row["credential_id"] is not None or row["is_unsecured"]
    }
