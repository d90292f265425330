"""One Berth with all parts and real sockets: GraphQL over HTTP, CoAP over OSCORE from virtual
devices; and the owner, the operator and the driver of a bay in it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import httpx

from berth.parts import Part
from berth.wiring import Program, build
from coap_gateway.virtual import Fleet, VirtualReader, VirtualSensor
from parking.accounts.models import Membership, Organisation, Person, Role
from parking.accounts.sign_ins import start_sign_in
from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock, rfc3339
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, provision
from schema.ids import global_id
from tests.browser.conftest import OPERATOR, House
from tests.support.estate import OPENED
from tests.support.leasing import hours
from tests.support.running import free_port
from tests.support.wallets import fill_wallet

PATIENT_MS = 60_000
"""What happens on the way through devices and a worker takes longer than a page."""
RATES = (
    '{"currency": "EUR", "collections": [{"id": "day", "lines": [{"id": "hour", "name": "Hour",'
    ' "type": "INCREMENTING_RATE", "amountMinor": 250, "increment": "PT1H"}]}]}'
)
KEYS = (f"step-{number}" for number in count())


@dataclass
class Everything:
    """One process with all parts, on a clock that stands still until it is moved."""

    program: Program
    house: House
    clock: TestClock
    fleet: Fleet
    tokens: dict[str, str]
    ids: dict[str, str]

    async def ask(self, who: str, query: str, **variables: Any) -> Any:
        """The one value of an operation, sent as that person would."""
        headers = {"authorization": f"Bearer {self.tokens[who]}"}
        body = {"query": query, "variables": {"key": next(KEYS), **variables}}
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.post(f"{self.program.url}/graphql", json=body, headers=headers)
        told = answer.json()
        assert "errors" not in told, told
        (value,) = told["data"].values()
        assert "code" not in value, value
        return value


async def person(name: str, email: str, program: Program, *at: tuple[int, Role]) -> str:
    """Somebody with roles; their access token."""
    made, _ = await Person.get_or_create(email=email, defaults={"name": name, "created_at": OPENED})
    for organisation_id, role in at:
        await Membership.get_or_create(
            person_id=made.id, organisation_id=organisation_id, role=role,
            defaults={"created_at": OPENED},
        )  # fmt: skip
    signed_in = await start_sign_in(made.id, clock=program.clock, keys=program.keys)
    return signed_in.access_token


@asynccontextmanager
async def running(house: House, clock: TestClock) -> AsyncIterator[Everything]:
    """Started, with a driver who has money; nobody lets anything yet."""
    settings = replace(house.settings, coap_port=free_port(socket.SOCK_DGRAM))
    async with build(settings, frozenset(Part), clock=clock) as program:
        assert program.gateway is not None
        fleet = Fleet(("127.0.0.1", program.gateway.port), clock=clock)
        lessor = await Organisation.create(name="Quay owners", created_at=OPENED)
        tokens = {
            "owner": await person("Olga", "o@x.example", program, (lessor.id, Role.OWNER)),
            "operator": await person("Ada", OPERATOR, program),
            "driver": await person("Dora", "d@x.example", program),
        }
        await fill_wallet((await Person.get(email="d@x.example")).id)
        ids: dict[str, str] = {
            "lessor": global_id("Organisation", lessor.id),
            "place": global_id("Place", house.estate.place_id),
            "bay": global_id("Space", house.estate.space_ids[0]),
        }
        try:
            yield Everything(program, house, clock, fleet, tokens, ids)
        finally:
            await fleet.close()


async def devices(all_of_it: Everything) -> tuple[VirtualSensor, VirtualReader]:
    """Sensor, reader and lock of the first bay, started; nothing stands there."""
    estate = all_of_it.house.estate
    for kind in (DeviceKind.SENSOR, DeviceKind.READER, DeviceKind.LOCK):
        draft = DeviceDraft(kind.value.lower(), kind, estate.place_id, estate.space_ids[0])
        made = await provision(SYSTEM, draft, all_of_it.clock, all_of_it.program.sealer)
        await all_of_it.fleet.add(kind.value.lower(), kind, made.secret)
    await all_of_it.fleet.start()
    await all_of_it.fleet.drain()
    sensor, reader = (all_of_it.fleet.devices[each] for each in ("sensor", "reader"))
    assert isinstance(sensor, VirtualSensor)
    assert isinstance(reader, VirtualReader)
    reader.patience_seconds = 60.0
    return sensor, reader


async def publish(all_of_it: Everything) -> None:
    """The owner proves title, prices and lists the bay; the operator agrees."""
    ask, ids = all_of_it.ask, all_of_it.ids
    titles = await ask("owner", """mutation ($o: ID!, $s: ID!, $key: String!) { requestTitles(
      organisationId: $o, spaceIds: [$s], documentReference: "deed 7", idempotencyKey: $key) {
      ... on TitlesRequested { titles { id } } ... on Refusal { code message } } }""",
      o=ids["lessor"], s=ids["bay"])  # fmt: skip
    await ask("operator", """mutation ($ids: [ID!]!, $key: String!) { approveTitles(titleIds: $ids,
      idempotencyKey: $key) { __typename ... on Refusal { code message } } }""",
      ids=[each["id"] for each in titles["titles"]])  # fmt: skip
    rates = await ask("owner", """mutation ($o: ID!, $d: String!, $key: String!) { createRateTable(
      input: {organisationId: $o, name: "Hourly", document: $d}, idempotencyKey: $key) {
      ... on RateTableCreated { rateTable { id } } ... on Refusal { code message } } }""",
      o=ids["lessor"], d=RATES)  # fmt: skip
    made = await ask("owner", """mutation ($input: CreateListingInput!, $key: String!) {
      createListing(input: $input, idempotencyKey: $key) {
      ... on ListingCreated { listing { id } } ... on Refusal { code message } } }""",
      input={"organisationId": ids["lessor"], "placeId": ids["place"], "spaceIds": [ids["bay"]],
             "rateTableId": rates["rateTable"]["id"], "name": "By the quay"})  # fmt: skip
    ids["listing"] = made["listing"]["id"]
    await ask("owner", """mutation ($id: ID!, $key: String!) { activateListing(listingId: $id,
      idempotencyKey: $key) { __typename ... on Refusal { code message } } }""",
      id=ids["listing"])  # fmt: skip


async def booked(all_of_it: Everything, plate: str = "") -> str:
    """The driver finds the bay, books it for two hours and confirms; the link to the page."""
    ask, window = all_of_it.ask, hours(all_of_it.clock.now(), 0, 2)
    times = {"startsAt": rfc3339(window.starts_at), "endsAt": rfc3339(window.ends_at)}
    found = await ask("driver", """query ($area: AvailabilityArea!, $window: WindowInput!) {
      availableSpaces(area: $area, window: $window) {
      nodes { listingId space { id } price { amountMinor } } } }""",
      area={"placeId": all_of_it.ids["place"]}, window=times)  # fmt: skip
    [hit] = found["nodes"]
    assert hit["price"] == {"amountMinor": 500}
    held = await ask("driver", """mutation ($input: ReserveSpaceInput!, $key: String!) {
      reserveSpace(input: $input, idempotencyKey: $key) {
      ... on Reserved { reservation { id } } ... on Refusal { code message } } }""",
      input={"listingId": hit["listingId"], "spaceId": hit["space"]["id"], "plate": plate,
             **times})  # fmt: skip
    done = await ask("driver", """mutation ($id: ID!, $key: String!) { confirmReservation(
      reservationId: $id, idempotencyKey: $key) { ... on ReservationConfirmed {
      reservation { link } } ... on Refusal { code message } } }""",
      id=held["reservation"]["id"])  # fmt: skip
    link: str = done["reservation"]["link"]
    return link
