"""Somebody who issues rights, for tests: a tea room with a contract at a garage of others."""

from dataclasses import dataclass
from typing import Any

from parking.accounts.models import Role
from parking.accounts.viewer import Viewer
from parking.clock import TestClock
from parking.events.bus import InProcessBus
from parking.rights.codes.manage import create_grant_codes
from parking.rights.codes.new_code import NewGrantCode
from parking.rights.content import NewSpecification
from parking.rights.contracts import accept_contract, offer_contract
from parking.rights.kinds import RightKind
from parking.rights.new_contract import NewContract
from parking.rights.specifications import create_specification
from tests.support.estate import Estate, make_estate
from tests.support.leasing import somebody
from tests.support.operators import make_organisation

WORTH_MAX_MINOR = 1_000_000


@dataclass(frozen=True)
class Issuing:
    """The people, and a specification that is not printed yet: an hour off."""

    estate: Estate
    issuer_id: int
    operator: Viewer
    attendant: Viewer
    merchant: Viewer
    driver: Viewer
    contract_id: int
    specification_id: int
    clock: TestClock
    bus: InProcessBus

    @property
    def with_bus(self) -> dict[str, Any]:
        """What verbs take besides."""
        return {"clock": self.clock, "bus": self.bus}

    @property
    def place_id(self) -> int:
        """The garage."""
        return self.estate.place_id

    @property
    def operator_id(self) -> int:
        """The organisation that runs it."""
        return self.estate.organisation_id

    @property
    def people(self) -> dict[str, Viewer]:
        """The viewers by name."""
        names = ("operator", "attendant", "merchant", "driver")
        return {name: getattr(self, name) for name in names}

    async def contract(self, **terms: Any) -> int:
        """One more contract, accepted."""
        offered = await self.offer(**terms)
        await accept_contract(self.merchant, offered, 1, **self.with_bus)
        return offered

    async def offer(self, **terms: Any) -> int:
        """One more contract, offered."""
        new = contract(self.issuer_id, self.place_id, **terms)
        return await offer_contract(self.operator, new, **self.with_bus)

    async def specification(self, kind: RightKind, value: int = 0, **more: Any) -> int:
        """One more specification."""
        made = specification(self.issuer_id, kind, value, **more)
        return await create_specification(self.merchant, made, clock=self.clock)

    async def code(self, count: int = 1, **more: Any) -> int:
        """A code of the hour off; the first of several."""
        return (await self.codes(count, **more))[0]

    async def codes(self, count: int = 1, **more: Any) -> list[int]:
        """Codes of the hour off, by the merchant."""
        given = {"specification_id": self.specification_id, "contract_id": self.contract_id}
        new = NewGrantCode(**{**given, **more})
        return await create_grant_codes(self.merchant, new, count, **self.with_bus)


def contract(issuer_id: int, place_id: int, **terms: Any) -> NewContract:
    """Any number of rights, none of them worth more than ten thousand euros."""
    given: dict[str, Any] = {"worth_max_minor": WORTH_MAX_MINOR}
    return NewContract(issuer_id, place_id, **{**given, **terms})


def specification(
    issuer_id: int, kind: RightKind = RightKind.MINUTES, value: int = 60, **more: Any
) -> NewSpecification:
    """An hour off, in euros."""
    given: dict[str, Any] = {"name": "An hour with your tea", "currency": "EUR"}
    return NewSpecification(issuer_id, kind=kind, value=value, **{**given, **more})


async def make_issuing(clock: TestClock, estate: Estate | None = None, **terms: Any) -> Issuing:
    """The tea room with an accepted contract on these terms, and the hour off."""
    estate, bus = estate or await make_estate(), InProcessBus()
    issuer_id = await make_organisation("Tea room")
    operator = await somebody("Oskar", {estate.organisation_id: Role.OPERATOR})
    merchant = await somebody("Mei", {issuer_id: Role.MERCHANT})
    both: dict[str, Any] = {"clock": clock, "bus": bus}
    agreed = contract(issuer_id, estate.place_id, **terms)
    contract_id = await offer_contract(operator, agreed, **both)
    await accept_contract(merchant, contract_id, 1, **both)
    return Issuing(
        estate=estate,
        issuer_id=issuer_id,
        operator=operator,
        attendant=await somebody("Anton", {estate.organisation_id: Role.ATTENDANT}),
        merchant=merchant,
        driver=await somebody("Dilan"),
        contract_id=contract_id,
        specification_id=await create_specification(
            merchant, specification(issuer_id), clock=clock
        ),
        clock=clock,
        bus=bus,
    )
