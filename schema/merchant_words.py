"""The words of merchants, described for the schema; see `schema.words`."""

from parking.merchants.kinds import (
    ConnectorKind,
    Demand,
    OrderSource,
    OrderState,
    OrderStep,
    Payer,
    ToldSteps,
    UnitState,
)
from parking.merchants.orders.arrival import Arrival
from parking.merchants.route import PointKind
from schema.words import describe

describe(
    Payer,
    "Who pays for the parking of an order.",
    schema_name="OrderPayer",
    GUEST="The guest.",
    MERCHANT="The merchant, by a validation within its credit.",
)
describe(
    UnitState,
    "Whether a unit takes orders.",
    schema_name="MerchantUnitState",
    ACTIVE="It does.",
    CLOSED="No new ones, for good; those there are go on.",
)
describe(
    ToldSteps,
    "Of which steps of its orders a unit is told by e-mail and SMS.",
    schema_name="MerchantToldSteps",
    ALL="All that a merchant is told of.",
    PROBLEMS="Refused, waiting, late, missed, and given another space without a message of the"
    " merchant.",
)
describe(
    ConnectorKind,
    "What one walks through from one level or plan to another.",
    schema_name="PlanConnectorKind",
    ENTRANCE="A door.",
    LIFT="A lift.",
    STAIRS="Stairs: not for who needs an accessible space.",
    RAMP="A ramp.",
)
describe(
    OrderState,
    "Where a merchant's order stands.",
    schema_name="MerchantOrderState",
    PENDING="Recorded, and about to be placed.",
    BOOKED="A space is reserved.",
    WAITLISTED="No space is free; it waits in the queue of its best place.",
    REFUSED="It cannot be parked; `reasonCode` says why.",
    UNWANTED="No parking was asked for.",
    CANCELLED="By the merchant, or the parking by the guest.",
)
describe(
    OrderSource,
    "How an order, or its newest change, came in.",
    schema_name="MerchantOrderSource",
    API="Through this schema.",
    SMS="By SMS.",
    WEBHOOK="By a signed webhook.",
)
describe(
    Demand,
    "What an order says of parking.",
    schema_name="ParkingDemand",
    YES="Parking is wanted.",
    NO="It is not.",
    UNSAID="Nothing: a plate, a charger, an accessible space or a height means that it is wanted.",
)
describe(
    OrderStep,
    "What can happen to a merchant's order.",
    schema_name="MerchantOrderStep",
    RECEIVED="Its first message came.",
    CHANGED="A newer message came.",
    BOOKED="A space is reserved.",
    WAITLISTED="It waits for a space.",
    REFUSED="It cannot be parked.",
    CANCELLED="The merchant or its guest cancelled.",
    RELEASED="Its space or its turn was given back.",
    MOVED="It has another space.",
    KEPT="Its space stays as it is.",
    EXTENDED="Its parking is longer.",
    LOCK_ORDERED="The lock of its space was ordered up.",
    LOCK_FAILED="The lock of its space failed.",
    PAID="Its parking is paid or secured.",
    ARRIVING="Its guest says that they are there.",
    ARRIVED="Its guest has parked.",
    LEFT="Its guest has left.",
    LATE="Its guest has not come yet; how long the space is kept is told.",
    MISSED="Its guest did not come.",
    REPLACED="Its space was lost; another is looked for.",
    ERASED="Its guest's name, phone and plate were erased.",
)
describe(
    PointKind,
    "What is at a point of a guest's way.",
    schema_name="BookingPointKind",
    BAY="The bay.",
    UNIT="The merchant's unit.",
    ENTRANCE="A door; the first one of a drive is where cars enter.",
    LIFT="A lift.",
    STAIRS="Stairs.",
    RAMP="A ramp.",
)
describe(
    Arrival,
    "What comes of a guest's arrival.",
    schema_name="ArrivalOutcome",
    OPENING="The lock goes down: drive in.",
    OPEN="No lock is in the way: drive in.",
    EARLY="Too early: the bay is theirs from `Booking.opensAt`.",
    IN_USE="Too early: the guest before is still there; it is theirs from `Booking.startsAt`.",
    UNPAID="The booking has to be confirmed first.",
    PARKED="Their car stands there already.",
)
