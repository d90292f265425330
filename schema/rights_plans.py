"""Which rights go into a stay, what it costs with them and why: as told, and as kept in answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

import strawberry

from parking.accounts.viewer import SYSTEM
from parking.places.queries import spaces_by_id
from parking.rights.kinds import RightKind
from parking.rights.names import RightNames, names_of_rights
from parking.rights.redeeming.facts import Held
from parking.rights.redeeming.plan import Chosen, Plan, Unused
from parking.rights.redeeming.why import BECAUSE, SENTENCES, Because, Why
from schema.ids import global_id
from schema.money import Money, money_as
from schema.scalars import Currency

Names: TypeAlias = Mapping[int, RightNames]
"""By right."""


@strawberry.type(description="A right of the vehicle, as a plan names it.")
class PlannedRight:
    """Of a `parking.rights.redeeming.facts.Held`."""

    id: strawberry.ID = strawberry.field(description="The right's id.")
    name: str = strawberry.field(description="What it is called.")
    issuer_name: str = strawberry.field(description="Who granted it.")
    kind: RightKind = strawberry.field(description="What it gives.")
    value: int = strawberry.field(
        description="What is left: minutes, minor units or percent, as `kind` says."
    )
    currency: Currency = strawberry.field(description="What its amounts are in.")
    worth_max: Money | None = strawberry.field(
        description="It pays so much of a stay at most; null: without such a limit."
    )
    valid_until: datetime = strawberry.field(description="It may be used before.")


@strawberry.type(description="A right that goes into the stay, and what it saves.")
class UsedRight:
    """`parking.rights.redeeming.plan.Chosen`."""

    right: PlannedRight = strawberry.field(description="The right.")
    saves: Money = strawberry.field(description="What the driver need not pay.")
    paid_by_issuer: Money = strawberry.field(description="What of it the issuer pays.")
    paid_by_operator: Money = strawberry.field(description="What of it who runs the place gives.")
    is_new: bool = strawberry.field(description="Whether it was not in the stay before.")


@strawberry.type(description="A right that does not go into the stay, and why.")
class UnusedRight:
    """`parking.rights.redeeming.plan.Unused`."""

    right: PlannedRight = strawberry.field(description="The right.")
    why: Why = strawberry.field(description="Why, for programs.")
    explanation: str = strawberry.field(description="Why, for people, in English.")


@strawberry.type(
    description="What a stay costs if the vehicle leaves now, and the rights that are best used for"
    " it: cost = paidByOthers + saved + due."
)
class ExitPlan:
    """`parking.rights.redeeming.plan.Plan`."""

    space_number: str = strawberry.field(description="Of the bay.")
    plate: str = strawberry.field(description="Of the vehicle.")
    started_at: datetime = strawberry.field(description="When the stay began.")
    cost: Money = strawberry.field(description="What it costs in all.")
    paid_by_others: Money = strawberry.field(
        description="What merchants pay of it that validated the stay themselves."
    )
    saved: Money = strawberry.field(description="What the rights save.")
    due: Money = strawberry.field(description="What the driver pays.")
    used: list[UsedRight] = strawberry.field(description="The rights that go into it.")
    unused: list[UnusedRight] = strawberry.field(
        description="The other rights of the vehicle; none is told at a gate."
    )
    because: Because = strawberry.field(description="What decided.")
    explanation: str = strawberry.field(description="The same for people, in English.")


async def plan_kept(plan: Plan, *, is_for_driver: bool = True) -> dict[str, Any]:
    """A plan as it is kept in an answer. `is_for_driver` False: without what staff need not know:
    which other rights a guest holds."""
    space_id = plan.stay.reservation.space_id
    spaces = await spaces_by_id(SYSTEM, [space_id])
    held = [*(each.held for each in plan.chosen), *(each.held for each in plan.unused)]
    names = await names_of_rights(SYSTEM, [each.right.id for each in held])
    return {
        "space": spaces[space_id].number if space_id in spaces else "",
        "plate": plan.plate,
        "started_at": plan.stay.started_at,
        "currency": plan.currency,
        "cost": plan.cost_minor,
        "others": plan.others_minor,
        "saved": plan.saves_minor,
        "due": plan.due_minor,
        "used": [_used_kept(each, names) for each in plan.chosen],
        "unused": [_unused_kept(each, names) for each in plan.unused] if is_for_driver else [],
        "because": plan.because,
    }


def plan_told(kept: Mapping[str, Any]) -> ExitPlan:
    """A plan that was kept, as the schema's type."""

    def money(amount_minor: int) -> Money:
        return money_as(amount_minor, kept["currency"])

    return ExitPlan(
        space_number=kept["space"],
        plate=kept["plate"],
        started_at=_time(kept["started_at"]),
        cost=money(kept["cost"]),
        paid_by_others=money(kept["others"]),
        saved=money(kept["saved"]),
        due=money(kept["due"]),
        used=[
            UsedRight(
                right=_right_told(each["right"]),
                saves=money(each["issuer"] + each["operator"]),
                paid_by_issuer=money(each["issuer"]),
                paid_by_operator=money(each["operator"]),
                is_new=each["is_new"],
            )
            for each in kept["used"]
        ],
        unused=[_unused_told(each) for each in kept["unused"]],
        because=Because(kept["because"]),
        explanation=BECAUSE[Because(kept["because"])],
    )


def _used_kept(chosen: Chosen, names: Names) -> dict[str, Any]:
    return {
        "right": _right_kept(chosen.held, names),
        "issuer": chosen.issuer_minor,
        "operator": chosen.operator_minor,
        "is_new": chosen.is_new,
    }


def _unused_kept(unused: Unused, names: Names) -> dict[str, Any]:
    return {"right": _right_kept(unused.held, names), "why": unused.why}


def _right_kept(held: Held, names: Names) -> dict[str, Any]:
    right = held.right
    return {
        "id": right.id,
        "name": held.name,
        "issuer": names[right.id].issuer_name,
        "kind": right.kind,
        "value": right.value,
        "currency": right.currency,
        "worth_max": right.worth_max_minor,
        "valid_until": right.valid_until,
    }


def _right_told(kept: Mapping[str, Any]) -> PlannedRight:
    worth = kept["worth_max"]
    return PlannedRight(
        id=global_id("AssignedRight", kept["id"]),
        name=kept["name"],
        issuer_name=kept["issuer"],
        kind=RightKind(kept["kind"]),
        value=kept["value"],
        currency=Currency(kept["currency"]),
        worth_max=None if worth is None else money_as(worth, kept["currency"]),
        valid_until=_time(kept["valid_until"]),
    )


def _unused_told(kept: Mapping[str, Any]) -> UnusedRight:
    why = Why(kept["why"])
    return UnusedRight(right=_right_told(kept["right"]), why=why, explanation=SENTENCES[why])


def _time(value: str | datetime) -> datetime:
    """An instant, also as it was read back from a kept answer."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
