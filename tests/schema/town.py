"""A small town: two organisations, people of every role, public and private places, devices."""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from strawberry.extensions import ParserCache, ValidationCache

from parking.accounts.models import ApiKey, Membership, Organisation, Person, Role
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.devices.models import Device, DeviceHealth, DeviceKind
from parking.events.bus import LocalDelivery, Message, Subscription
from parking.listings.cancellation import FREE_UNTIL_START, terms_json
from parking.listings.models import Audience, Listing, ListingSpace, ListingState, Title
from parking.occupancy.models import Axis, SpaceState
from parking.occupancy.record import Report, record
from parking.places.models import Campus, Place, PlaceKind, Space, Subplace, SubplaceKind
from parking.rates.models import RateTable
from parking.vehicles.models import Enrolment, Vehicle, VehicleProof
from schema.context import Asker, Services, context_factory
from schema.ids import global_id
from schema.schema import make_schema

SCHEMA = make_schema()
# As the server has it: the matrices ask the same of one role after the other.
SCHEMA.extensions = (partial(ParserCache, 1_000), partial(ValidationCache, 1_000))
RATES = (
    '{"currency": "EUR", "collections": [{"id": "base", "lines": [{"id": "half-hour",'
    ' "type": "INCREMENTING_RATE", "amountMinor": 120, "increment": "PT30M"}]}]}'
)
EVERY_SCOPE = frozenset(
    {"places:read", "places:write", "devices:read", "devices:write", "occupancy:read"}
)


class LossyBus:
    """An in-process bus that can be made to lose something, and knows who listens."""

    def __init__(self) -> None:
        self._delivery = LocalDelivery()
        self._listening = Counter[str]()

    async def publish(self, topic: str, body: bytes) -> None:
        """Deliver at once."""
        self._delivery.deliver(Message(topic, body))

    @asynccontextmanager
    async def subscribe(self, *topics: str) -> AsyncIterator[Subscription]:
        """Listen for the length of the block."""
        subscription = Subscription(topics)
        self._delivery.add(subscription)
        self._listening.update(topics)
        yield subscription
        self._listening.subtract(topics)
        self._delivery.remove(subscription)

    def lose(self) -> None:
        """Tell everybody that something may have been lost."""
        self._delivery.tell_gap()

    def listeners(self, topic: str) -> int:
        """How many listen to the topic."""
        return self._listening[topic]

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Town:
    """What there is, by name: `keys["garage"]` is a database key, `viewers["driver"]` a viewer."""

    services: Services
    clock: TestClock
    bus: LossyBus
    keys: dict[str, int] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    viewers: dict[str, Viewer] = field(default_factory=lambda: {"anonymous": ANONYMOUS})
    texts: dict[str, str] = field(default_factory=dict)
    """What is told once, such as a vehicle code, by name."""
    keyed: int = 0

    async def ask(self, who: str, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an operation that must give no errors."""
        result = await self.execute(who, query, **variables)
        assert result.errors is None, result.errors
        data: dict[str, Any] = result.data
        return data

    async def execute(self, who: str, query: str, **variables: Any) -> Any:
        """The whole result of an operation."""
        return await SCHEMA.execute(
            query, variable_values=variables, context_value=self.context(who)
        )

    async def subscribe(self, who: str, query: str, **variables: Any) -> AsyncGenerator[Any, None]:
        """The results of a subscription."""
        return await SCHEMA.subscribe(
            query, variable_values=variables, context_value=self.context(who)
        )

    def context(self, who: str) -> Any:
        """The context of an execution for the named viewer."""
        return context_factory(self.services)(Asker(self.viewers[who], "192.0.2.7"), "direct")

    def fresh_key(self) -> str:
        """An idempotency key not used before."""
        self.keyed += 1
        return f"key-{self.keyed}"

    def know(self, name: str, type_name: str, key: int) -> None:
        """Remember what was made."""
        self.keys[name], self.ids[name] = key, global_id(type_name, key)

    async def report(self, space: str, value: str, sequence: int, device_id: int = 900) -> None:
        """A sensor says of a space that it is FREE or OCCUPIED."""
        at = self.clock.now()
        report = Report(
            space_id=self.keys[space], place_id=self.keys["garage"], axis=Axis.OCCUPANCY,
            value=value, observed_at=at, received_at=at, device_id=device_id, sequence=sequence,
        )  # fmt: skip
        await record([report], self.clock, self.bus)


async def build_town(town: Town) -> Town:
    """Fill an empty database."""
    for name in ("harbour", "hill", "house"):
        made = await Organisation.create(name=f"{name} company", created_at=town.clock.now())
        town.know(name, "Organisation", made.id)
    await _people(town)
    for name, organisation in (("quay", "harbour"), ("ridge", "hill")):
        campus = await Campus.create(
            organisation_id=town.keys[organisation], name=name, created_at=town.clock.now()
        )
        town.know(name, "Campus", campus.id)
    await _place(town, "garage", "harbour", is_public=True, campus_id=town.keys["quay"])
    await _place(town, "yard", "harbour", is_public=False)
    await _place(town, "hilltop", "hill", is_public=False, campus_id=town.keys["ridge"])
    for organisation in ("harbour", "hill"):
        await _rates(town, f"{organisation}-rates", organisation)
    await _offers(town)
    for place in ("garage", "yard", "hilltop"):
        await _device(town, f"{place}-device", place, DeviceKind.SENSOR)
    await _vehicle(town, "car", "driver", "harbour", "SHB1234")
    await _vehicle(town, "others-car", "stranger", "hill", "SHI5678")
    return town


async def _people(town: Town) -> None:
    roles = {
        "driver": None, "attendant": ("harbour", Role.ATTENDANT),
        "operator": ("harbour", Role.OPERATOR), "stranger": ("hill", Role.OPERATOR),
        "platform": ("house", Role.PLATFORM),
    }  # fmt: skip
    now = town.clock.now()
    for name, held in roles.items():
        person = await Person.create(name=name, email=f"{name}@example.org", created_at=now)
        town.know(name, "Person", person.id)
        at: dict[int, frozenset[Role]] = {}
        if held is not None:
            organisation, role = town.keys[held[0]], held[1]
            await Membership.create(
                person_id=person.id, organisation_id=organisation, role=role, created_at=now
            )
            at = {organisation: frozenset({role})}
        town.viewers[name] = Viewer(
            person_id=person.id, roles=at, valid_until=now + timedelta(minutes=15)
        )
    await _keys(town)


async def _vehicle(town: Town, name: str, who: str, operator: str, plate: str) -> None:
    """A person's vehicle, and a proof that an operator was asked for."""
    now = town.clock.now()
    vehicle = await Vehicle.create(country="DE", plate=plate, created_at=now)
    enrolment = await Enrolment.create(
        vehicle_id=vehicle.id, person_id=town.keys[who], created_at=now
    )
    town.know(name, "Vehicle", enrolment.id)
    proof = await VehicleProof.create(
        enrolment_id=enrolment.id, organisation_id=town.keys[operator],
        document_reference="Registration", requested_at=now,
    )  # fmt: skip
    town.know(f"{name}-proof", "VehicleProof", proof.id)


async def _keys(town: Town) -> None:
    harbour = town.keys["harbour"]
    for name, scopes in (("key", EVERY_SCOPE), ("bare_key", frozenset({"unknown:scope"}))):
        made = await ApiKey.create(
            organisation_id=harbour, name=name, hint="abcd", key_hash=name,
            scopes="places:read", created_at=town.clock.now(),
        )  # fmt: skip
        town.know(name, "ApiKey", made.id)
        town.viewers[name] = Viewer(api_key_id=made.id, roles={harbour: frozenset()}, scopes=scopes)


async def _place(town: Town, name: str, organisation: str, spaces: int = 3, **more: Any) -> None:
    place = await Place.create(
        organisation_id=town.keys[organisation], name=f"The {name}", kind=PlaceKind.GARAGE,
        time_zone="Europe/Berlin", currency="EUR", latitude=48.77, longitude=9.18,
        unknown_count=spaces, created_at=town.clock.now(), **more,
    )  # fmt: skip
    town.know(name, "Place", place.id)
    level = await Subplace.create(
        place_id=place.id, kind=SubplaceKind.FLOOR_OR_LEVEL, name="Ground"
    )
    town.know(f"{name}-level", "Subplace", level.id)
    await add_spaces(town, name, spaces)


async def _rates(town: Town, name: str, organisation: str) -> None:
    now = town.clock.now()
    made = await RateTable.create(
        organisation_id=town.keys[organisation], name=name, currency="EUR", document=RATES,
        created_at=now, changed_at=now,
    )  # fmt: skip
    town.know(name, "RateTable", made.id)


async def _offers(town: Town) -> None:
    """Listings without openings, so that nothing can be booked, and titles asked for."""
    members = {"audience": Audience.ORGANISATION, "audience_organisation_id": town.keys["harbour"]}
    active = {"state": ListingState.ACTIVE}
    await _offer(town, "garage-listing", "garage", "harbour", **active)
    await _offer(town, "yard-listing", "yard", "harbour", **active)
    await _offer(town, "garage-draft", "garage", "harbour", **members)
    await _offer(town, "hilltop-draft", "hilltop", "hill")
    owners = await Organisation.create(name="owners", created_at=town.clock.now())
    town.know("owners", "Organisation", owners.id)
    await _title(town, "garage-title", "garage-1", "hill")
    await _title(town, "hilltop-title", "hilltop-1", "owners")


async def _offer(town: Town, name: str, place: str, lessor: str, **more: Any) -> None:
    now = town.clock.now()
    listing = await Listing.create(
        place_id=town.keys[place], organisation_id=town.keys[lessor], name=name,
        rate_table_id=town.keys[f"{lessor}-rates"], cancellation=terms_json(FREE_UNTIL_START),
        created_at=now, changed_at=now, **more,
    )  # fmt: skip
    await ListingSpace.create(listing_id=listing.id, space_id=town.keys[f"{place}-1"])
    town.know(name, "Listing", listing.id)


async def _title(town: Town, name: str, space: str, lessor: str) -> None:
    title = await Title.create(
        space_id=town.keys[space], organisation_id=town.keys[lessor], document_reference="Deed",
        requested_at=town.clock.now(),
    )  # fmt: skip
    town.know(name, "Title", title.id)


async def add_spaces(town: Town, place: str, count: int) -> None:
    """So many more spaces of unknown state, named `garage-1`, `garage-2` ..."""
    keys, first = town.keys, 1
    while f"{place}-{first}" in keys:
        first += 1
    for index in range(first, first + count):
        space = await Space.create(
            place_id=keys[place], subplace_id=keys[f"{place}-level"], number=f"A-{index:02}",
            is_ev=index == 1,
        )  # fmt: skip
        await SpaceState.create(space_id=space.id, place_id=keys[place])
        town.know(f"{place}-{index}", "Space", space.id)


async def _device(town: Town, name: str, place: str, kind: DeviceKind) -> None:
    device = await Device.create(
        endpoint=name, kind=kind, place_id=town.keys[place], space_id=town.keys[f"{place}-1"],
        created_at=town.clock.now(),
    )  # fmt: skip
    await DeviceHealth.create(device_id=device.id)
    town.know(name, "Device", device.id)
