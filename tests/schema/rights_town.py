"""The town with rights in it, granted and redeemed; see `matrix_rights` for who sees what.

The tea room (`tea`, of `merchant`) grants rights in the garage, which the harbour company runs: its
`specification`, `agreement` (a contract), `code`, and the driver's `right`, which is redeemed into
the stay in the garage (`redemption`). `spare` is another right of the driver's car, held. The hill
company grants at its own hilltop, to the stranger: the same with `others-` before. There are
`exit` codes of both places, a `signal` and an `invoice` of both issuers.

`town.texts` has the vehicle codes (`vehicle-code-car`) and what is printed (`public-code`). Of the
API keys `till` may write rights for the tea room and `reader` read them; `gate` may write for the
harbour company.
"""

from typing import Any

from parking.accounts.models import ApiKey, Membership, Organisation, Person, Role
from parking.accounts.viewer import Viewer
from parking.listings.models import BookingMode
from parking.reservations.confirm import confirm
from parking.reservations.quote import Request
from parking.reservations.reserve import reserve_space
from parking.rights.codes.exit_codes import create_exit_code
from parking.rights.codes.manage import create_grant_codes
from parking.rights.codes.new_code import NewGrantCode
from parking.rights.content import NewSpecification
from parking.rights.contracts import accept_contract, offer_contract
from parking.rights.granting.grant import grant_right
from parking.rights.kinds import RedemptionWay, RightKind, SignalKind
from parking.rights.models import ExitCode, GrantCode, RightsInvoice, RightsSignal
from parking.rights.new_contract import NewContract
from parking.rights.redeeming.redeem import redeem
from parking.rights.specifications import create_specification
from parking.rights.terms import Terms
from parking.sessions.override import start_session
from parking.settlement.funding import EscrowFunding
from parking.vehicles.queries import enrolment_by_id
from parking.vehicles.set_code import set_code
from tests.schema.booked_town import offer_bays
from tests.schema.settled_town import HOMES, still_signed_in
from tests.schema.town import Town
from tests.support.estate import OPENED
from tests.support.leasing import hours
from tests.support.wallets import fill_wallet, give_credit

ISSUERS = {"": ("merchant", "tea"), "others-": ("stranger", "hill")}
"""By prefix: who grants, and for which organisation."""
CARS = {"": "car", "others-": "others-car"}
WORD = "quiet harbour"
"""What both drivers chose for their cars."""


async def grant_in_town(town: Town) -> Town:
    """Fill the town. Each stay costs 4.80 for its two hours, which one right pays."""
    await _issuers(town)
    for prefix in HOMES:
        await _stay(town, prefix)
        await _issue(town, prefix)
        await _hold(town, prefix)
        await _beside(town, prefix)
    still_signed_in(town)
    return town


async def _issuers(town: Town) -> None:
    now = town.clock.now()
    tea = await Organisation.create(name="Tea room", created_at=now)
    town.know("tea", "Organisation", tea.id)
    merchant = await Person.create(name="merchant", email="merchant@example.org", created_at=now)
    town.know("merchant", "Person", merchant.id)
    await Membership.create(
        person_id=merchant.id, organisation_id=tea.id, role=Role.MERCHANT, created_at=now
    )
    roles = {tea.id: frozenset({Role.MERCHANT})}
    town.viewers["merchant"] = Viewer(person_id=merchant.id, roles=roles)
    for name, whose, scope in (
        ("till", "tea", "rights:write"),
        ("reader", "tea", "rights:read"),
        ("gate", "harbour", "rights:write"),
    ):
        await _key(town, name, town.keys[whose], scope)
    await give_credit(tea.id)
    await give_credit(town.keys["hill"])


async def _key(town: Town, name: str, organisation_id: int, scope: str) -> None:
    made = await ApiKey.create(
        organisation_id=organisation_id, name=name, hint="abcd", key_hash=name, scopes=scope,
        created_at=town.clock.now(),
    )  # fmt: skip
    town.know(name, "ApiKey", made.id)
    roles: dict[int, frozenset[Role]] = {organisation_id: frozenset()}
    town.viewers[name] = Viewer(api_key_id=made.id, roles=roles, scopes=frozenset({scope}))


async def _stay(town: Town, prefix: str) -> None:
    """A paid booking of two hours; its car came at once."""
    who, staff, place, lessor = HOMES[prefix]
    viewer, clock, bus = town.viewers[who], town.clock, town.bus
    await offer_bays(town, f"{place}-offer", place, lessor, BookingMode.INSTANT, (1, 2, 3))
    await fill_wallet(viewer, 2_000, at=clock.now())
    window = hours(clock.now(), 0, 2)
    request = Request(town.keys[f"{place}-offer"], town.keys[f"{place}-1"], window)
    made = await reserve_space(viewer, request, clock=clock, bus=bus)
    await confirm(viewer, made, clock=clock, bus=bus, funding=EscrowFunding())
    town.know(f"{prefix}parked", "Reservation", made)
    stay = await start_session(town.viewers[staff], made, clock=clock, bus=bus)
    town.know(f"{prefix}parking", "Session", stay)


async def _issue(town: Town, prefix: str) -> None:
    """A specification, a contract that is accepted, and two codes."""
    _, staff, place, _ = HOMES[prefix]
    who, organisation = ISSUERS[prefix]
    issuer, clock, bus = town.viewers[who], town.clock, town.bus
    new = NewSpecification(
        organisation_id=town.keys[organisation], name="Two hours with your tea",
        kind=RightKind.MINUTES, currency="EUR", value=120,
        terms=Terms(is_transferable=True, per_stay_max=2, per_vehicle_day_max=2),
    )  # fmt: skip
    made = await create_specification(issuer, new, clock=clock)
    town.know(f"{prefix}specification", "RightSpecification", made)
    issuer_id, place_id = town.keys[organisation], town.keys[place]
    offered = NewContract(issuer_id, place_id, 100, worth_max_minor=10_000, per_stay_max=2)
    contract = await offer_contract(town.viewers[staff], offered, clock=clock, bus=bus)
    await accept_contract(issuer, contract, 1, clock=clock, bus=bus)
    town.know(f"{prefix}agreement", "RightsContract", contract)
    code = NewGrantCode(specification_id=made, contract_id=contract, label="Door")
    for name, key in zip(
        ("code", "second-code"),
        await create_grant_codes(issuer, code, 2, clock=clock, bus=bus),
        strict=True,
    ):
        town.know(f"{prefix}{name}", "GrantCode", key)
        town.texts[f"public-{prefix}{name}"] = (await GrantCode.get(id=key)).public_id
    exit_code = await create_exit_code(town.viewers[staff], town.keys[place], "North", clock=clock)
    town.know(f"{prefix}exit", "ExitCode", exit_code)
    town.texts[f"public-{prefix}exit"] = (await ExitCode.get(id=exit_code)).public_id


async def _hold(town: Town, prefix: str) -> None:
    """The car's code, a right of each grant code, and the first of them redeemed."""
    who, _, place, _ = HOMES[prefix]
    viewer, car = town.viewers[who], town.keys[CARS[prefix]]
    both: dict[str, Any] = {"clock": town.clock, "bus": town.bus}
    town.texts[f"vehicle-code-{CARS[prefix]}"] = await set_code(
        viewer, car, WORD, clock=town.clock, sealer=town.services.sealer
    )
    enrolment = await enrolment_by_id(viewer, car)
    for name, code in (("right", "code"), ("spare", "second-code")):
        granted = await grant_right(
            town.texts[f"public-{prefix}{code}"], enrolment, viewer=viewer,
            keys=town.services.keys.pictures, **both,
        )  # fmt: skip
        town.know(f"{prefix}{name}", "AssignedRight", granted.right_id)
    town.clock.advance(minutes=30)
    way = RedemptionWay.DRIVER
    redeemed = await redeem(enrolment, town.keys[place], way, viewer=viewer, **both)
    town.know(f"{prefix}redemption", "Redemption", redeemed.redemption_ids[0])


async def _beside(town: Town, prefix: str) -> None:
    """What comes of time: rows as the worker leaves them."""
    _, staff, place, _ = HOMES[prefix]
    issuer, now = town.keys[ISSUERS[prefix][1]], town.clock.now()
    operator = next(iter(town.viewers[staff].roles))
    signal = await RightsSignal.create(
        kind=SignalKind.FAR_AWAY, grant_code_id=town.keys[f"{prefix}code"], organisation_id=issuer,
        operator_id=operator, place_id=town.keys[place], detail="{}", at=now,
    )  # fmt: skip
    town.know(f"{prefix}signal", "RightsSignal", signal.id)
    invoice = await RightsInvoice.create(
        number=f"RI-{prefix}1", organisation_id=issuer, currency="EUR", month="2025-12",
        redemptions=1, amount_minor=120, body="{}", digest="00", issued_at=OPENED,
    )  # fmt: skip
    town.know(f"{prefix}invoice", "RightsInvoice", invoice.id)
