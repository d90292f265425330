"""docs/frontends.md: every operation on the page runs, and the numbers are the program's."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.graphql import limits
from berth.parts import Part
from berth.settings import Settings
from berth.wiring import Program, build
from parking.accounts.models import Membership, Person, Role
from parking.accounts.sign_ins import start_sign_in
from parking.accounts.viewer import Viewer
from parking.clock import SystemClock, rfc3339
from parking.events.bus import InProcessBus
from parking.reservations.quote import Request
from parking.reservations.reserve import reserve_space
from parking.storage.database import connect, disconnect
from parking.windows import Window
from schema.ids import global_id
from tests.support.estate import OPENED, Estate, make_estate
from tests.support.leasing import make_listing
from tests.support.wallets import fill_wallet, give_credit

GUIDE = (Path(__file__).parents[2] / "docs" / "frontends.md").read_text()
EXAMPLE = re.compile(
    r"<!-- run ?(?P<rights>rights)? ?(?P<who>operator)? ?(?P<variables>\{[^\n]*\})? ?-->\n"
    r"```graphql\n(?P<text>.*?)```",
    re.DOTALL,
)
NOW = SystemClock().now()
BOOKED = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
"""When the reservation of the page's reader is."""
FREE = NOW + timedelta(hours=5), NOW + timedelta(hours=7)
EXAMPLES = [match.groupdict() for match in EXAMPLE.finditer(GUIDE)]


@pytest.fixture
async def estate(sqlite_url: str) -> Estate:
    await connect(sqlite_url)
    made = await make_estate()
    person = await Person.create(name="Ada", email="ada@operator.example", created_at=OPENED)
    await Membership.create(
        person_id=person.id, organisation_id=made.organisation_id, role=Role.OPERATOR,
        created_at=OPENED,
    )  # fmt: skip
    await make_listing(made, made.organisation_id, open_for=timedelta(days=36_500))
    ada = Viewer(person_id=person.id)
    await fill_wallet(ada)
    await give_credit(made.organisation_id)
    window = Window(*BOOKED)
    request = Request(None, made.space_ids[0], window)
    await reserve_space(ada, request, clock=SystemClock(), bus=InProcessBus())
    await disconnect()
    return made


@pytest.fixture
async def program(sqlite_url: str, tmp_path: Path, estate: Estate) -> AsyncIterator[Program]:
    settings = Settings(
        database_url=sqlite_url, secret_key="x" * 32, data_dir=tmp_path, port=0, development=True
    )
    async with build(settings, frozenset({Part.API})) as running:
        yield running


async def operator_token(program: Program) -> str:
    person = await Person.get(name="Ada")
    signed_in = await start_sign_in(person.id, clock=program.clock, keys=program.keys)
    return signed_in.access_token


def filled(variables: str | None, estate: Estate, words: dict[str, str]) -> dict[str, Any]:
    text = variables or "{}"
    for word, value in words.items():
        text = text.replace(f'"{word}"', json.dumps(value))
    for word, noun, key in (
        ("PLACE", "Place", estate.place_id),
        ("SPACE", "Space", estate.space_ids[0]),
        ("ORGANISATION", "Organisation", estate.organisation_id),
        ("RESERVATION", "Reservation", 1),
        ("LISTING", "Listing", 1),
        ("RATES", "RateTable", 1),
    ):
        text = text.replace(f'"{word}"', f'"{global_id(noun, key)}"')
    for word, instant in zip(("FROM", "TO"), FREE, strict=True):
        text = text.replace(f'"{word}"', f'"{rfc3339(instant)}"')
    return dict(json.loads(text))


ISSUED = """mutation ($listing: ID!, $space: ID!, $from: DateTime!, $to: DateTime!) {
  enrolVehicle(country: "DE", plate: "B-MW 123", idempotencyKey: "1") {
    ... on VehicleEnrolled { vehicle { id } } }
  createRightSpecification(input: {organisationId: "%(organisation)s", name: "An hour",
    kind: MINUTES, value: 60, currency: "EUR"}, idempotencyKey: "2") {
    ... on RightSpecificationCreated { specification { id } } }
  offerRightsContract(input: {issuerId: "%(organisation)s", placeId: "%(place)s"},
    idempotencyKey: "3") { ... on RightsContractOffered { contract { id } } }
  createExitCode(placeId: "%(place)s", idempotencyKey: "4") {
    ... on ExitCodeCreated { exitCode { publicId } } }
  reserveSpace(input: {listingId: $listing, spaceId: $space, startsAt: $from, endsAt: $to},
    idempotencyKey: "5") { ... on Reserved { reservation { id } } } }"""
GRANTED = """mutation ($vehicle: ID!, $specification: ID!, $contract: ID!, $reservation: ID!) {
  setVehicleCode(vehicleId: $vehicle, word: "quiet harbour", idempotencyKey: "6") {
    ... on VehicleCodeSet { vehicleCode } }
  createGrantCodes(input: {specificationId: $specification, contractId: $contract},
    idempotencyKey: "7") { ... on GrantCodesCreated { grantCodes { publicId } } }
  confirmReservation(reservationId: $reservation, idempotencyKey: "8") { __typename }
  startSession(reservationId: $reservation, idempotencyKey: "9") { __typename } }"""
HELD = """mutation ($code: String!, $vehicle: ID!) { claimRight(grantCode: $code,
  vehicle: {vehicleId: $vehicle}, idempotencyKey: "10") { __typename } }"""


async def issued_words(program: Program, estate: Estate, token: str) -> dict[str, str]:
    """Ada gives parking, holds a right, and is parked: what the page's words stand for then."""
    made = await _asked(program, token, ISSUED % {
        "organisation": global_id("Organisation", estate.organisation_id),
        "place": global_id("Place", estate.place_id),
    }, {
        "listing": global_id("Listing", 1), "space": global_id("Space", estate.space_ids[1]),
        "from": rfc3339(program.clock.now()), "to": rfc3339(BOOKED[0]),
    })  # fmt: skip
    vehicle = made["enrolVehicle"]["vehicle"]["id"]
    specification = made["createRightSpecification"]["specification"]["id"]
    contract = made["offerRightsContract"]["contract"]["id"]
    given = {
        "vehicle": vehicle, "specification": specification, "contract": contract,
        "reservation": made["reserveSpace"]["reservation"]["id"],
    }  # fmt: skip
    granted = await _asked(program, token, GRANTED, given)
    assert granted["startSession"]["__typename"] == "SessionStarted", granted
    [code] = granted["createGrantCodes"]["grantCodes"]
    await _asked(program, token, HELD, {"code": code["publicId"], "vehicle": vehicle})
    return {
        "GRANT": code["publicId"], "EXIT": made["createExitCode"]["exitCode"]["publicId"],
        "VEHICLE": vehicle, "VEHICLE_CODE": granted["setVehicleCode"]["vehicleCode"],
        "SPECIFICATION": specification, "CONTRACT": contract,
    }  # fmt: skip


async def _asked(
    program: Program, token: str, query: str, variables: dict[str, Any]
) -> dict[str, Any]:
    answer = await first_answer(program, {"query": query, "variables": variables}, token)
    assert "errors" not in answer, answer
    data: dict[str, Any] = answer["data"]
    return data


async def first_answer(program: Program, body: dict[str, Any], token: str | None) -> Any:
    """The answer, or a subscription's first event."""
    assert program.api is not None
    headers = {"accept": "text/event-stream, application/graphql-response+json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    url = f"http://127.0.0.1:{program.api.port}/graphql"
    async with (
        httpx.AsyncClient() as client,
        client.stream("POST", url, json=body, headers=headers) as r,
    ):
        async for line in r.aiter_lines():
            if line.startswith("data:") and len(line) > len("data: "):
                return json.loads(line.removeprefix("data:"))
            if line.startswith("{"):
                return json.loads(line)
    raise AssertionError("nothing came")


@pytest.mark.parametrize(
    "example",
    [each for each in EXAMPLES if not each["rights"]],
    ids=lambda e: e["text"].split("{")[0].strip(),
)
async def test_the_operation_runs(
    program: Program, estate: Estate, example: dict[str, str]
) -> None:
    await _run(program, estate, await operator_token(program), example, {})


async def test_the_operations_of_rights_run_one_after_the_other(
    program: Program, estate: Estate
) -> None:
    ada = await operator_token(program)
    words = await issued_words(program, estate, ada)
    for example in EXAMPLES:
        if example["rights"]:
            await _run(program, estate, ada, example, words)


async def _run(
    program: Program, estate: Estate, ada: str, example: dict[str, str], words: dict[str, str]
) -> None:
    token = ada if example["who"] else None
    body = {"query": example["text"], "variables": filled(example["variables"], estate, words)}
    answer = await first_answer(program, body, token)
    assert "errors" not in answer, answer
    [root] = answer["data"].values()
    assert root is not None
    assert "code" not in root, root


def test_the_guide_has_its_operations() -> None:
    assert len(EXAMPLES) == GUIDE.count("```graphql") == 40


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DEPTH_MAX", "Depth\n{}"), ("ALIASES_MAX", "{} aliases"), ("TOKENS_MAX", "{:,} tokens"),
        ("REPEATS_MAX", "{} fields of one name"), ("DIRECTIVES_MAX", "{} directives"),
        ("COST_MAX", "cost {:,}"),
        ("PAGE_SIZE_MAX", "{:,} entries a page"), ("OPERATIONS_PER_SOCKET_MAX", "{} operations a"),
        ("SOCKETS_PER_SOURCE_MAX", "{} sockets an address"),
        ("SUBSCRIPTIONS_PER_VIEWER_MAX", "{:,} subscriptions a viewer"),
    ],
)  # fmt: skip
def test_the_limits_on_the_page_are_the_programs(name: str, text: str) -> None:
    assert text.format(getattr(limits, name)) in GUIDE
