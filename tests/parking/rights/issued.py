"""Rights as rows, for tests of reading: granted and redeemed, whoever would have allowed it."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.reservations.models import Reservation, ReservationState
from parking.rights.kinds import RedemptionState, RedemptionWay, RightKind, RightState
from parking.rights.models import AssignedRight, GrantCode, Redemption, RightsInvoice
from parking.rights.terms import Terms, terms_json
from parking.vehicles.models import Enrolment, Vehicle
from tests.support.estate import OPENED
from tests.support.issuing import Issuing, make_issuing
from tests.support.leasing import Lease, make_lease

_numbers = count(1)


@dataclass(frozen=True)
class Issued:
    """The tea room, and the listing at whose bays its rights are redeemed."""

    shop: Issuing
    lease: Lease

    async def enrolment(self, driver: Viewer | None = None) -> int:
        """A vehicle of its own for the driver."""
        vehicle = await Vehicle.create(
            country="DE", plate=f"SIS{next(_numbers)}", created_at=OPENED
        )
        made = await Enrolment.create(
            vehicle_id=vehicle.id,
            person_id=(driver or self.shop.driver).person_id,
            created_at=OPENED,
        )
        enrolment_id: int = made.id
        return enrolment_id

    async def right(
        self,
        code_id: int,
        state: RightState = RightState.HELD,
        day: str = "2026-01-05",
        **more: Any,
    ) -> int:
        """A right of the driver's, granted by this code on this day; its id."""
        code, at = await GrantCode.get(id=code_id), self.shop.clock.now()
        enrolment_id = more.pop("enrolment_id", None) or await self.enrolment()
        vehicle = (await Enrolment.get(id=enrolment_id)).vehicle_id
        given: dict[str, Any] = {
            "state": state, "person_id": self.shop.driver.person_id, "kind": RightKind.MINUTES,
            "organisation_id": code.organisation_id, "operator_id": self.shop.operator_id,
            "place_id": code.place_id, "value": 60, "granted_value": 60, "currency": "EUR",
            "terms": terms_json(Terms()), "day": day, "valid_from": at, "granted_at": at,
            "valid_until": at + timedelta(days=1), "changed_at": at,
            "contract_id": code.contract_id, "specification_id": code.specification_id,
            "grant_code_id": code.id, "enrolment_id": enrolment_id, "vehicle_id": vehicle,
        }  # fmt: skip
        right_id: int = (await AssignedRight.create(**{**given, **more})).id
        return right_id

    async def redemption(
        self,
        right_id: int,
        state: RedemptionState = RedemptionState.FINISHED,
        issuer_minor: int | None = None,
        operator_minor: int | None = None,
    ) -> int:
        """The right put into a stay; its id."""
        right, at = await AssignedRight.get(id=right_id), self.shop.clock.now()
        made = await Redemption.create(
            state=state, way=RedemptionWay.EXIT_CODE, assigned_right_id=right_id,
            reservation_id=await self._stay(), person_id=right.person_id,
            organisation_id=right.organisation_id, operator_id=right.operator_id,
            place_id=right.place_id, day=right.day, currency="EUR", at=at,
            issuer_minor=issuer_minor, operator_minor=operator_minor,
            finished_at=None if state is RedemptionState.LIVE else at,
        )  # fmt: skip
        redemption_id: int = made.id
        return redemption_id

    async def invoice(self, month: str = "2026-01") -> int:
        """A month's invoice; its id."""
        made = await RightsInvoice.create(
            number=f"RI-{next(_numbers)}", organisation_id=self.shop.issuer_id, currency="EUR",
            month=month, redemptions=1, amount_minor=100, body="{}", digest="0" * 64,
            issued_at=self.shop.clock.now(),
        )  # fmt: skip
        invoice_id: int = made.id
        return invoice_id

    async def _stay(self) -> int:
        lease, at = self.lease, self.shop.clock.now()
        made = await Reservation.create(
            state=ReservationState.COMPLETED, listing_id=lease.listing_id,
            space_id=lease.space_id, place_id=lease.estate.place_id,
            organisation_id=lease.lessor_id, person_id=lease.driver.person_id,
            starts_at=at - timedelta(hours=1), ends_at=at, blocked_until=at, currency="EUR",
            amount_minor=400, lines="[]", terms="{}", created_at=at,
        )  # fmt: skip
        reservation_id: int = made.id
        return reservation_id


async def make_issued(clock: TestClock) -> Issued:
    """The tea room at the lease's place."""
    lease = await make_lease(1)
    return Issued(await make_issuing(clock, lease.estate), lease)
