"""The tea room's counter: who stands there with a vehicle, and what the scanned code gives."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from parking.accounts.keys import derive_keys
from parking.accounts.viewer import Viewer
from parking.errors import Refusal
from parking.geo import Position
from parking.rights.granting.door import at_grant_code
from parking.rights.granting.grant import Granted, grant_right
from parking.rights.models import AssignedRight, GrantCode, RightsContract, RightsSignal
from parking.storage.sql import database
from parking.vehicles.find import holder_of
from parking.vehicles.models import Enrolment, Vehicle
from parking.vehicles.records import SELECT_ENROLMENTS, EnrolmentRecord, enrolment_record
from tests.support.estate import OPENED
from tests.support.issuing import Issuing
from tests.support.leasing import somebody
from tests.support.people import SECRET

KEYS = derive_keys(SECRET).pictures
_numbers = count(1)


async def car_of(driver: Viewer, plate: str = "") -> EnrolmentRecord:
    """A vehicle of this driver, with a plate of its own unless one is given."""
    name = plate or f"SGT{next(_numbers)}"
    vehicle = await Vehicle.get_or_none(country="DE", plate=name)
    if vehicle is None:
        vehicle = await Vehicle.create(country="DE", plate=name, created_at=OPENED)
    made = await Enrolment.create(
        vehicle_id=vehicle.id, person_id=driver.person_id, created_at=OPENED
    )
    row = await database().fetch_one(f"{SELECT_ENROLMENTS} WHERE e.id = $1", made.id)
    assert row is not None
    return enrolment_record(row)


@dataclass
class Counter:
    """An issuer's code, and somebody's car."""

    shop: Issuing
    code_id: int
    car: EnrolmentRecord

    async def public_id(self, code_id: int | None = None) -> str:
        """What is printed."""
        return str((await GrantCode.get(id=code_id or self.code_id)).public_id)

    async def scan(
        self,
        code: int | str | None = None,
        car: EnrolmentRecord | None = None,
        viewer: Viewer | None = None,
        position: Position | None = None,
        reference: str = "",
    ) -> Granted:
        """By who gave the vehicle code, unless said."""
        scanned = code if isinstance(code, str) else await self.public_id(code)
        whose = car or self.car
        both = {**self.shop.with_bus, "keys": KEYS}
        async with at_grant_code(scanned, **both):
            return await grant_right(
                scanned, whose, viewer=viewer or holder_of(whose), position=position,
                reference=reference, **both,
            )  # fmt: skip

    async def told(self, *args: Any, **more: Any) -> str:
        """The refusal's code, or NEW, or AGAIN."""
        try:
            granted = await self.scan(*args, **more)
        except Refusal as refusal:
            return refusal.code
        return "NEW" if granted.is_new else "AGAIN"

    async def right(self, right_id: int) -> AssignedRight:
        return await AssignedRight.get(id=right_id)

    async def counts(self) -> tuple[int, int, int]:
        """Granted and promised by the contract, and uses of the code."""
        contract = await RightsContract.get(id=self.shop.contract_id)
        code = await GrantCode.get(id=self.code_id)
        return contract.granted, contract.committed_minor, code.uses

    async def signals(self) -> list[str]:
        """What was raised, in order."""
        return [each.kind.value for each in await RightsSignal.all().order_by("id")]


async def make_counter(shop: Issuing, **code: Any) -> Counter:
    """A code of the hour off, and the driver's car."""
    return Counter(shop, await shop.code(**code), await car_of(shop.driver))


async def another_car() -> EnrolmentRecord:
    """Of somebody else."""
    return await car_of(await somebody(f"Driver {next(_numbers)}"))
