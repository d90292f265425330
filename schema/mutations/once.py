"""What all mutations share: the idempotency key, the answer kept under it, refusals as data."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from secrets import token_hex
from typing import Annotated, Any, TypeAlias, TypeVar, cast

import strawberry

from parking.accounts.idempotency import Answer, idempotent, kept_answer
from parking.accounts.standings import Standings
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Refusal
from parking.events.held import HeldBus
from schema.context import Info, Services, services_of, viewer_of
from schema.ids import wanted_key
from schema.refusals import RefusalsAsData

Resolver = TypeVar("Resolver", bound=Callable[..., Any])

IdempotencyKey: TypeAlias = Annotated[
    str,
    strawberry.argument(
        description="A fresh text for each intent, such as a UUID, 1 to 128 printable characters."
        " The same key and input again give the same answer and no second effect, for 7 days."
    ),
]


class HeldStandings(Standings):
    """Forgets when the commit is through: before it, what was forgotten could be read anew."""

    def __init__(self, behind: Standings) -> None:
        self._behind = behind
        self._waiting: list[Callable[[], None]] = []

    def forget_person(self, person_id: int) -> None:
        """Later."""
        self._waiting.append(partial(self._behind.forget_person, person_id))

    def forget_sign_in(self, family: str) -> None:
        """Later."""
        self._waiting.append(partial(self._behind.forget_sign_in, family))

    def forget_api_key(self, api_key_id: int) -> None:
        """Later."""
        self._waiting.append(partial(self._behind.forget_api_key, api_key_id))

    def release(self) -> None:
        """The commit is through: now."""
        for forget in self._waiting:
            forget()


@dataclass(slots=True)
class Work:
    """One run of a verb: the viewer, the program's services, and what waits for the commit.

    `shown` is for what is told once and never kept: a secret.
    """

    viewer: Viewer
    services: Services
    bus: HeldBus
    standings: HeldStandings
    shown: Any = None

    @property
    def clock(self) -> Clock:
        """The program's clock."""
        return self.services.clock


@dataclass(frozen=True, slots=True)
class Done:
    """The answer kept under the key, and what this very call may show besides."""

    answer: Answer
    shown: Any = None


def mutation(description: str) -> Callable[[Resolver], Resolver]:
    """A mutation field: refusals of the domain become members of its union."""
    field: Any = strawberry.mutation(description=description, extensions=[RefusalsAsData()])
    return cast(Callable[[Resolver], Resolver], field)


async def once(
    info: Info,
    key: str,
    given: Mapping[str, Any],
    do: Callable[[Work], Awaitable[Answer]],
    viewer: Viewer | None = None,
) -> Done:
    """Run `do` once for this viewer and key; later calls get its answer without its effect.

    `viewer` is for who acts by something else than a sign-in, such as the holder of a link.
    Effect and answer commit together, and what `do` publishes goes out after that commit. Raises
    what `do` raises, and `KeyReused`, `InvalidInput` and `Unauthenticated`.
    """
    viewer, services = viewer or viewer_of(info.context), services_of(info.context)
    runs: dict[str, Work] = {}
    async with HeldBus(services.bus) as bus:

        async def run() -> Answer:
            bus.forget()
            name, standings = token_hex(8), HeldStandings(services.standings)
            work = runs[name] = Work(viewer, services, bus, standings)
            return {"run": name, **await do(work)}

        answer = await idempotent(
            viewer, key, info.field_name, plain(given), run, clock=services.clock
        )
        mine = runs.get(answer["run"])
        if mine is None:  # somebody else's run was kept, so no message of ours is true
            bus.forget()
    if mine is not None:
        mine.standings.release()
    # What was loaded before may be out of date now.
    info.context.loaders.clear()
    return Done(answer, None if mine is None else mine.shown)


async def once_outside(
    info: Info,
    key: str,
    given: Mapping[str, Any],
    do: Callable[[], Awaitable[Answer]],
) -> Answer:
    """Like `once`, for what asks a payment rail: no transaction may wait for one.

    `do` has to be one that may run twice: the answer is kept after its effect, so a crash between
    the two makes a repeat run it again. Raises what `once` raises.
    """
    viewer, services = viewer_of(info.context), services_of(info.context)
    asked = (viewer, key, info.field_name, plain(given))
    answer = await kept_answer(*asked)
    if answer is None:
        try:
            done = await do()
        except Refusal:
            # The same request at the same time may have been quicker.
            answer = await kept_answer(*asked)
            if answer is None:
                raise
        else:
            answer = await idempotent(*asked, lambda: _given(done), clock=services.clock)
    info.context.loaders.clear()
    return answer


async def _given(answer: Answer) -> Answer:
    return answer


def plain(value: Any) -> Any:
    """An input as JSON-like values, so that equal inputs have equal digests."""
    if isinstance(value, strawberry.Some):
        return {"some": plain(value.value)}
    if is_dataclass(value):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def changes(given: Any) -> dict[str, Any]:
    """The fields of an update's input that were given, null included."""
    values = {each.name: getattr(given, each.name) for each in fields(given)}
    return {name: v.value for name, v in values.items() if isinstance(v, strawberry.Some)}


def keyed(wanted: dict[str, Any], **types: str) -> dict[str, Any]:
    """The changes with the named ids as database keys: `keyed(changes, campus_id="Campus")`."""
    ids = {name: wanted[name] for name in types if wanted.get(name) is not None}
    return wanted | {name: wanted_key(text, types[name]) for name, text in ids.items()}
