"""Verbs on locks and alarms."""

from typing import Annotated, TypeAlias

import strawberry

from parking.access import rules
from parking.access.alarms import acknowledge_alarm
from parking.access.models import LockTarget
from parking.access.move import move_lock
from parking.accounts.idempotency import Answer
from schema.alarms import Alarm, load_known_alarm
from schema.commands import LockCommand, load_known_command
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import Refusal, VerbRefusal, also_shaped


@strawberry.type(description="The bay has no lock that is in use.")
class NoLock(Refusal):
    """`parking.access.rules.NoLock`."""


@strawberry.type(description="The arm would rise under a car, or nobody knows that it would not.")
class SpaceNotFree(Refusal):
    """`parking.access.rules.SpaceNotFree`."""


@strawberry.type(description="There is no reservation of this bay that holds now.")
class NoClaim(Refusal):
    """`parking.access.rules.NoClaim`."""


also_shaped(
    {rules.NoLock: NoLock, rules.SpaceNotFree: SpaceNotFree, rules.NoClaim: NoClaim},
)


@strawberry.type(description="The order is on its way to the lock; follow it by `commands`.")
class LockOrdered:
    """Outcome of `lowerLock` and `raiseLock`."""

    command: LockCommand = strawberry.field(description="The command.")


@strawberry.type(description="It is noted who takes care of the alarm.")
class AlarmAcknowledged:
    """Outcome of `acknowledgeAlarm`."""

    alarm: Alarm = strawberry.field(description="The alarm now.")


LowerLockResult: TypeAlias = Annotated[
    LockOrdered | NoLock | NoClaim | VerbRefusal,
    strawberry.union("LowerLockResult", description="What `lowerLock` answers."),
]
RaiseLockResult: TypeAlias = Annotated[
    LockOrdered | NoLock | NoClaim | SpaceNotFree | VerbRefusal,
    strawberry.union("RaiseLockResult", description="What `raiseLock` answers."),
]
AcknowledgeAlarmResult: TypeAlias = Annotated[
    AlarmAcknowledged | VerbRefusal,
    strawberry.union("AcknowledgeAlarmResult", description="What `acknowledgeAlarm` answers."),
]

SpaceId: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The bay's id.")]


async def _move(info: Info, space_id: str, target: LockTarget, key: str) -> LockOrdered:
    space = wanted_key(space_id, "Space")

    async def do(work: Work) -> Answer:
        made = await move_lock(work.viewer, space, target, clock=work.clock, bus=work.bus)
        return {"command": made}

    done = await once(info, key, {"space": space}, do)
    return LockOrdered(command=await load_known_command(info, done.answer["command"]))


@strawberry.type
class CommandMutations:
    """Root fields."""

    @mutation(
        "Take a bay's arm down. For the holder of a reservation from a quarter of an hour before it"
        " begins, for who lets the bay while nobody holds it, and for the place's OPERATORs and"
        " ATTENDANTs."
    )
    async def lower_lock(
        self, info: Info, space_id: SpaceId, idempotency_key: IdempotencyKey
    ) -> LowerLockResult:
        return await _move(info, space_id, LockTarget.LOWERED, idempotency_key)

    @mutation(
        "Put a bay's arm up, where it is known that no car stands there. For the same people as"
        " `lowerLock`."
    )
    async def raise_lock(
        self, info: Info, space_id: SpaceId, idempotency_key: IdempotencyKey
    ) -> RaiseLockResult:
        return await _move(info, space_id, LockTarget.RAISED, idempotency_key)

    @mutation("Say that you take care of an alarm. For OPERATORs and ATTENDANTs of the place.")
    async def acknowledge_alarm(
        self,
        info: Info,
        alarm_id: Annotated[strawberry.ID, strawberry.argument(description="The alarm's id.")],
        idempotency_key: IdempotencyKey,
    ) -> AcknowledgeAlarmResult:
        key = wanted_key(alarm_id, "Alarm")

        async def do(work: Work) -> Answer:
            await acknowledge_alarm(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"alarm": key}, do)
        return AlarmAcknowledged(alarm=await load_known_alarm(info, key))
