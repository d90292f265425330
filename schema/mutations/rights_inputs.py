"""What clients give to make or change specifications and contracts of rights, and grant codes."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

import strawberry

from parking.errors import InvalidInput
from parking.listings.records import Weekday
from parking.places.edits import KEEP
from parking.rights.codes.new_code import NewGrantCode
from parking.rights.content import NewSpecification, SpecificationEdit
from parking.rights.kinds import GrantCodeKind, RightKind
from parking.rights.limits import VALID_MINUTES
from parking.rights.new_contract import NewContract
from parking.rights.terms import DayWindow, Leftover, Terms
from schema.geo import PositionInput
from schema.ids import wanted_key
from schema.mutations.once import changes
from schema.rights_terms import WEEK
from schema.scalars import Currency, MinorUnits


@strawberry.input(description="Hours of a day, by the clock of the place.")
class RightWindowInput:
    """`parking.rights.terms.DayWindow`."""

    starts_at: str = strawberry.field(description="Such as `18:00`.")
    ends_at: str = strawberry.field(
        description="Such as `02:00`; not after the start: on the next day."
    )


@strawberry.input(description="When and where a right is granted and used.")
class RightTermsInput:
    """`parking.rights.terms.Terms`."""

    period_from: datetime | None = strawberry.field(
        default=None, description="Granted then or later."
    )
    period_until: datetime | None = strawberry.field(default=None, description="Granted before.")
    weekdays: list[Weekday] = strawberry.field(
        default_factory=list, description="Granted on these; none: on all."
    )
    windows: list[RightWindowInput] = strawberry.field(
        default_factory=list, description="Granted at these hours; none: all day. At most 14."
    )
    delay_minutes: int = strawberry.field(
        default=0, description="It may be used so long after its grant, 0 to 10080."
    )
    valid_minutes: int = strawberry.field(
        default=VALID_MINUTES, description="It lapses so long after its grant, 1 to 527040."
    )
    places: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Where it is good besides the place of the code, at most 50: of the same"
        " operator.",
    )
    leftover: Leftover = strawberry.field(
        default=Leftover.LAPSES, description="What becomes of what a stay leaves of it."
    )
    is_transferable: bool = strawberry.field(
        default=False, description="Whether its holder may give it to another vehicle."
    )
    stacks: bool = strawberry.field(
        default=True, description="Whether a stay takes other rights besides."
    )
    per_stay_max: int = strawberry.field(
        default=1, description="So many of its kind go into one stay, 1 to 5."
    )
    per_vehicle_day_max: int = strawberry.field(
        default=1, description="A vehicle gets so many a day, 1 to 20."
    )
    needs_presence: bool = strawberry.field(
        default=False, description="Only for vehicles that are parked there at the moment."
    )


@strawberry.input(description="A template of rights.")
class CreateRightSpecificationInput:
    """`parking.rights.content.NewSpecification`."""

    organisation_id: strawberry.ID = strawberry.field(description="The issuer.")
    name: str = strawberry.field(description="What its drivers read.")
    kind: RightKind = strawberry.field(description="What it gives.")
    currency: Currency = strawberry.field(description="What its amounts are in: the place's.")
    value: int = strawberry.field(
        default=0, description="Minutes, minor units or percent, as `kind` says; not for others."
    )
    worth_max_minor: MinorUnits | None = strawberry.field(
        default=None, description="It pays so much of a stay at most; null: no such limit."
    )
    terms: RightTermsInput | None = strawberry.field(
        default=None, description="When and where; null: always, and for 24 hours."
    )


@strawberry.input(description="Changes of a specification: of what is granted from now on.")
class UpdateRightSpecificationInput:
    """`parking.rights.content.SpecificationEdit`."""

    specification_id: strawberry.ID = strawberry.field(description="The specification's id.")
    version: int = strawberry.field(description="The version that you have seen.")
    name: strawberry.Maybe[str] = strawberry.field(
        default=None, description="What its drivers read."
    )
    value: strawberry.Maybe[int] = strawberry.field(
        default=None, description="Minutes, minor units or percent."
    )
    worth_max_minor: strawberry.Maybe[MinorUnits | None] = strawberry.field(
        default=None, description="It pays so much of a stay at most; null: no such limit."
    )
    terms: strawberry.Maybe[RightTermsInput] = strawberry.field(
        default=None, description="When and where, instead of the present terms."
    )


@strawberry.input(description="What an issuer may grant at a place.")
class OfferRightsContractInput:
    """`parking.rights.new_contract.NewContract`."""

    issuer_id: strawberry.ID = strawberry.field(description="The organisation that grants.")
    place_id: strawberry.ID = strawberry.field(description="Where.")
    quota: int | None = strawberry.field(default=None, description="So many rights; null: any.")
    budget_minor: MinorUnits | None = strawberry.field(
        default=None, description="The issuer pays so much at most, in all; null: any."
    )
    price_minor: MinorUnits | None = strawberry.field(
        default=None,
        description="The issuer pays so much of a right at most, and you the rest; null: the"
        " issuer pays all of it.",
    )
    worth_max_minor: MinorUnits | None = strawberry.field(
        default=None,
        description="One right is worth so much at most, in all stays together. Null only where you"
        " are the issuer and there is no price.",
    )
    per_stay_max: int = strawberry.field(
        default=1, description="So many of the issuer's rights go into one stay, 1 to 5."
    )
    valid_from: datetime | None = strawberry.field(
        default=None, description="From when; null: now."
    )
    valid_until: datetime | None = strawberry.field(
        default=None, description="Until when; null: until it is ended."
    )


@strawberry.input(description="Other limits of a contract; what is left out stays.")
class SetRightsContractLimitsInput:
    """Arguments of `parking.rights.contracts.raise_contract_limits`."""

    contract_id: strawberry.ID = strawberry.field(description="The contract's id.")
    quota: strawberry.Maybe[int | None] = strawberry.field(
        default=None, description="So many rights; null: any."
    )
    budget_minor: strawberry.Maybe[MinorUnits | None] = strawberry.field(
        default=None, description="The issuer pays so much at most; null: any."
    )


@strawberry.input(description="Grant codes of one sort.")
class CreateGrantCodesInput:
    """`parking.rights.codes.new_code.NewGrantCode`."""

    specification_id: strawberry.ID = strawberry.field(description="What they grant.")
    contract_id: strawberry.ID = strawberry.field(description="On whose account, and where.")
    count: int = strawberry.field(default=1, description="How many, 1 to 500.")
    kind: GrantCodeKind = strawberry.field(
        default=GrantCodeKind.STATIC, description="How they are shown."
    )
    label: str = strawberry.field(
        default="", description="Your own words; of several codes each gets a number besides."
    )
    uses_max: int | None = strawberry.field(
        default=None, description="Each grants so often; null: as the contract allows."
    )
    needs_reference: bool = strawberry.field(
        default=False, description="Ask for the reference of a purchase; each grants once."
    )
    valid_from: datetime | None = strawberry.field(
        default=None, description="From when; null: now."
    )
    valid_until: datetime | None = strawberry.field(
        default=None, description="Until when; null: as long as the contract."
    )
    radius_metres: int | None = strawberry.field(
        default=None, description="Only for who says to be so near, 1 to 10000; null: anywhere."
    )
    position: PositionInput | None = strawberry.field(
        default=None, description="Near what, with `radiusMetres`; null: the place."
    )


def new_specification_of(given: CreateRightSpecificationInput) -> NewSpecification:
    """The domain's new specification. Raises InvalidInput for an hour that is none."""
    return NewSpecification(
        organisation_id=wanted_key(given.organisation_id, "Organisation"),
        name=given.name,
        kind=given.kind,
        currency=given.currency,
        value=given.value,
        worth_max_minor=given.worth_max_minor,
        terms=Terms() if given.terms is None else _terms(given.terms),
    )


def specification_edit_of(given: UpdateRightSpecificationInput) -> SpecificationEdit:
    """The domain's edit. Raises InvalidInput for an hour that is none."""
    wanted = changes(given)
    if "terms" in wanted:
        wanted["terms"] = _terms(wanted["terms"])
    key = wanted_key(given.specification_id, "RightSpecification")
    return SpecificationEdit(id=key, version=given.version, **wanted)


def new_contract_of(given: OfferRightsContractInput) -> NewContract:
    """The domain's new contract."""
    ids = {
        "issuer_id": wanted_key(given.issuer_id, "Organisation"),
        "place_id": wanted_key(given.place_id, "Place"),
    }
    return NewContract(**{**vars(given), **ids})


def limits_of(given: SetRightsContractLimitsInput) -> dict[str, Any]:
    """What to change of a contract's limits."""
    return {"quota": KEEP, "budget_minor": KEEP, **changes(given)}


def new_codes_of(given: CreateGrantCodesInput) -> NewGrantCode:
    """The domain's new codes, but for how many."""
    values = dict(vars(given))
    del values["count"]
    near: PositionInput | None = values.pop("position")
    ids = {
        "specification_id": wanted_key(given.specification_id, "RightSpecification"),
        "contract_id": wanted_key(given.contract_id, "RightsContract"),
        "latitude": None if near is None else near.latitude,
        "longitude": None if near is None else near.longitude,
    }
    return NewGrantCode(**{**values, **ids})


def _terms(given: RightTermsInput) -> Terms:
    converted = {
        "weekdays": tuple(WEEK.index(day) + 1 for day in given.weekdays),
        "windows": _windows(given.windows),
        "places": tuple(wanted_key(each, "Place") for each in given.places),
    }
    return Terms(**{**vars(given), **converted})


def _windows(given: Sequence[RightWindowInput]) -> tuple[DayWindow, ...]:
    return tuple(
        DayWindow(
            _clock(each.starts_at, f"terms.windows.{index}.starts_at"),
            _clock(each.ends_at, f"terms.windows.{index}.ends_at"),
        )
        for index, each in enumerate(given)
    )


def _clock(text: str, field: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise InvalidInput(field, "give what the place's clock shows: 18:00") from None
