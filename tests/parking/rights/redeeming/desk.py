"""A shop that gives rights, a vehicle that holds them, and a till where its stays are settled.

Rights are written straight into the tables, as granting leaves them: what is shown here is what
becomes of them.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.ledger.accounts import merchant
from parking.reservations.models import Reservation
from parking.rights.checks import verify_rights
from parking.rights.granting.expire import expire_rights
from parking.rights.kinds import ContractState, GrantCodeKind, RedemptionWay, RightKind
from parking.rights.models import (
    AssignedRight,
    GrantCode,
    Redemption,
    RightsContract,
    RightSpecification,
)
from parking.rights.redeeming.cancel import cancel_redemption
from parking.rights.redeeming.finish import finish_redemptions
from parking.rights.redeeming.plan import Plan, plan_redemption
from parking.rights.redeeming.redeem import Redeemed, redeem
from parking.rights.terms import Terms, terms_json
from parking.rights.worth import least, most_minor
from parking.settlement.models import Validation
from parking.storage.sql import database
from parking.vehicles.models import Enrolment, Vehicle
from parking.vehicles.records import SELECT_ENROLMENTS, EnrolmentRecord, enrolment_record
from tests.parking.settlement.till import Till
from tests.support.estate import OPENED
from tests.support.issuing import WORTH_MAX_MINOR
from tests.support.operators import make_organisation
from tests.support.wallets import give_credit, in_account

PLATE = "SAB123"
_numbers = count(1)


@dataclass
class Desk:
    """An issuer with one contract for the till's place; the driver's car is `PLATE`."""

    till: Till
    issuer_id: int
    contract_id: int
    car: EnrolmentRecord
    specifications: dict[tuple[Any, ...], int] = field(default_factory=dict)

    @property
    def clock(self) -> TestClock:
        return self.till.stage.clock

    @property
    def bus(self) -> InProcessBus:
        return self.till.stage.bus

    @property
    def driver(self) -> Viewer:
        return self.till.stage.lease.driver

    @property
    def place_id(self) -> int:
        return self.till.stage.lease.estate.place_id

    @property
    def operator_id(self) -> int:
        return self.till.stage.lease.estate.organisation_id

    async def contract(self, issuer_id: int | None = None, **values: Any) -> int:
        """One more contract."""
        given: dict[str, Any] = {
            "state": ContractState.ACTIVE, "issuer_id": issuer_id or self.issuer_id,
            "operator_id": self.operator_id, "place_id": self.place_id, "currency": "EUR",
            "per_stay_max": 5, "worth_max_minor": WORTH_MAX_MINOR, "valid_from": OPENED,
            "created_at": OPENED, "changed_at": OPENED,
        }  # fmt: skip
        return int((await RightsContract.create(**(given | values))).id)

    async def right(
        self,
        kind: RightKind,
        value: int = 0,
        *,
        terms: Terms = Terms(),  # noqa: B008 - it cannot change
        worth_max_minor: int | None = None,
        contract_id: int | None = None,
        car: EnrolmentRecord | None = None,
        hours: float = 24,
        **changes: Any,
    ) -> int:
        """A right that the car holds for so many hours from now; those of equal terms are of one
        specification."""
        contract = await RightsContract.get(id=contract_id or self.contract_id)
        made, code = await self._code(contract, kind, value, terms, worth_max_minor)
        whose, now = car or self.car, self.clock.now()
        worth = least(worth_max_minor, contract.worth_max_minor)
        commit = most_minor(kind, value, worth, contract.price_minor) or 0
        given: dict[str, Any] = {
            "specification_id": made, "contract_id": contract.id, "grant_code_id": code,
            "enrolment_id": whose.id, "vehicle_id": whose.vehicle_id, "person_id": whose.person_id,
            "organisation_id": contract.issuer_id, "operator_id": contract.operator_id,
            "place_id": contract.place_id, "kind": kind, "value": value, "granted_value": value,
            "currency": contract.currency, "worth_max_minor": worth,
            "commit_minor": commit, "terms": terms_json(terms), "day": "2026-01-05",
            "ordinal": next(_numbers), "valid_from": now,
            "valid_until": now + timedelta(hours=hours), "granted_at": now, "changed_at": now,
        }  # fmt: skip
        right = await AssignedRight.create(**(given | changes))
        contract.granted += 1
        contract.committed_minor += commit
        await contract.save()
        await GrantCode.filter(id=code).update(uses=(await GrantCode.get(id=code)).uses + 1)
        return int(right.id)

    async def _code(
        self, contract: RightsContract, kind: RightKind, value: int, terms: Terms, worth: int | None
    ) -> tuple[int, int]:
        key = (contract.id, kind, value, terms_json(terms), worth)
        code = self.specifications.get(key)
        if code is None:
            made = await RightSpecification.create(
                organisation_id=contract.issuer_id, name=f"{kind.lower()} {value}", kind=kind,
                value=value, currency=contract.currency, worth_max_minor=worth,
                terms=terms_json(terms), created_at=OPENED, changed_at=OPENED,
            )  # fmt: skip
            code = (
                await GrantCode.create(
                    public_id=f"code{next(_numbers)}", kind=GrantCodeKind.STATIC,
                    specification_id=made.id, contract_id=contract.id,
                    organisation_id=contract.issuer_id, place_id=contract.place_id,
                    valid_from=OPENED, created_at=OPENED,
                )
            ).id  # fmt: skip
            self.specifications[key] = code
        return (await GrantCode.get(id=code)).specification_id, code

    async def park(self, minutes: float = 90, *, plate: str = PLATE, space: int = 0) -> int:
        """A booking of two hours for 4.00 that the car is in since so many minutes."""
        booked = await self.till.stage.book(1, 3, space=space)
        await Reservation.filter(id=booked).update(plate=plate)
        await self.till.stage.pass_time(minutes=60)
        await self.till.stage.come(space)
        await self.till.stage.pass_time(minutes=minutes)
        return booked

    async def plan(self) -> Plan:
        """What redeeming would do now."""
        return await plan_redemption(self.car, self.place_id, clock=self.clock)

    async def redeem(
        self, way: RedemptionWay = RedemptionWay.DRIVER, car: EnrolmentRecord | None = None
    ) -> Redeemed:
        """By the driver."""
        whose = car or self.car
        return await redeem(
            whose, self.place_id, way, viewer=Viewer(person_id=whose.person_id), clock=self.clock,
            bus=self.bus,
        )  # fmt: skip

    async def cancel(self, redemption_id: int, viewer: Viewer | None = None) -> None:
        """By the driver unless said."""
        await cancel_redemption(
            viewer or self.driver, redemption_id, clock=self.clock, bus=self.bus
        )

    async def leave(self, space: int = 0) -> None:
        """The car drives away; the stay is settled, and its rights are worked out."""
        await self.till.stage.go(space)
        await self.till.settle()
        await self.finish()

    async def finish(self) -> int:
        """What a worker does."""
        return await finish_redemptions(self.clock, self.bus)

    async def expire(self) -> int:
        """What a worker does."""
        return await expire_rights(self.clock, self.bus)

    async def state(self, right_id: int) -> tuple[str, int]:
        """State and value of a right."""
        right = await AssignedRight.get(id=right_id)
        return right.state.value, right.value

    async def used(self, right_id: int) -> tuple[str, int | None, int | None, int | None]:
        """The last redemption of a right: state, what its issuer paid, the operator, minutes."""
        found = await Redemption.filter(assigned_right_id=right_id).order_by("-id").first()
        assert found is not None
        return found.state.value, found.issuer_minor, found.operator_minor, found.minutes_used

    async def promises(self, reservation_id: int) -> list[int]:
        """The rights that are promised to a stay."""
        rows = await Validation.filter(
            reservation_id=reservation_id, returned_at__isnull=True, right_id__isnull=False
        ).order_by("right_id")
        return [row.right_id for row in rows]

    async def counts(self, contract_id: int | None = None) -> tuple[int, int, int]:
        """Of a contract: granted, committed, spent."""
        found = await RightsContract.get(id=contract_id or self.contract_id)
        return found.granted, found.committed_minor, found.spent_minor

    async def owes(self, organisation_id: int | None = None) -> int:
        """What a merchant has paid for stays and not paid for yet."""
        return -await in_account(merchant(organisation_id or self.issuer_id, "EUR"))

    async def audit(self) -> None:
        """Nothing is wrong with the books, with settlements, nor with what rights tell of them."""
        await self.till.audit()
        assert await verify_rights(database()) == []


async def make_desk(till: Till) -> Desk:
    """An issuer with credit, and a contract without limits."""
    issuer = await make_organisation("Tea room")
    await give_credit(issuer)
    await give_credit(till.stage.lease.estate.organisation_id)
    car = await enrolled(till.stage.lease.driver)
    desk = Desk(till, issuer, 0, car)
    desk.contract_id = await desk.contract()
    return desk


async def enrolled(who: Viewer, plate: str = PLATE) -> EnrolmentRecord:
    """A vehicle of a person."""
    vehicle, _ = await Vehicle.get_or_create(
        country="DE", plate=plate, defaults={"created_at": OPENED}
    )
    made = await Enrolment.create(
        vehicle_id=vehicle.id, person_id=who.person_id, created_at=OPENED, name="car"
    )
    [row] = await database().fetch(f"{SELECT_ENROLMENTS} WHERE e.id = $1", made.id)
    return enrolment_record(row)
