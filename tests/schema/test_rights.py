"""Rights as issuers, operators and drivers read and follow them; rotating codes; who pays."""

import asyncio
from typing import Any

from parking.rights.models import AssignedRight, RightsSignal
from parking.rights.redeeming.finish import finish_redemptions
from parking.sessions.override import end_session
from parking.settlement.settle import settle_ended
from schema.ids import global_id
from tests.schema.statements import counted
from tests.schema.test_rights_by_code import CLAIM, by_code, say, used_up
from tests.schema.town import Town

LONG = 30.0
SPECIFY = """mutation ($input: CreateRightSpecificationInput!, $key: String!) {
  it: createRightSpecification(input: $input, idempotencyKey: $key) { __typename
    ... on RightSpecificationCreated { specification { id kind value worthMax { amountMinor }
      terms { weekdays windows { startsAt endsAt } placeIds leftover validMinutes } } }
    ... on InvalidInput { field } ... on Refusal { code message } } }"""
CONTRACT = """mutation ($input: OfferRightsContractInput!, $key: String!) {
  it: offerRightsContract(input: $input, idempotencyKey: $key) { __typename
    ... on RightsContractOffered { contract { state issuerName operatorName } } } }"""
CODES = """mutation ($input: CreateGrantCodesInput!, $key: String!) {
  it: createGrantCodes(input: $input, idempotencyKey: $key) { __typename
    ... on GrantCodesCreated { grantCodes { id publicId link kind label state usesMax
      fence { radiusMetres position { latitude } } picture { text link renewAt } } }
    ... on InvalidInput { field } ... on Refusal { code } } }"""
REISSUE = """mutation ($id: ID!, $key: String!) {
  it: reissueGrantCode(grantCodeId: $id, reason: "copied", idempotencyKey: $key) { __typename
    ... on GrantCodeReissued { grantCode { id state } replaced { state reason replacedBy { id } } }
    ... on Refusal { code } } }"""
OFFER = """query ($code: String!) { grantCode(code: $code) { state isRotating isStale ticket
  needsPosition needsReference right { terms { weekdays } placeNames } } }"""


async def test_a_specification_says_what_was_wished(granting: Town) -> None:
    wanted: dict[str, Any] = {
        "organisationId": granting.ids["harbour"], "name": "Evenings", "kind": "PERCENT",
        "value": 50, "currency": "EUR", "worthMaxMinor": 300,
        "terms": {
            "weekdays": ["FRIDAY", "SATURDAY"], "places": [granting.ids["yard"]],
            "validMinutes": 600, "windows": [{"startsAt": "18:00", "endsAt": "02:00"}],
        },
    }  # fmt: skip
    told = (await say(granting, SPECIFY, "operator", input=wanted))["specification"]
    assert (told["kind"], told["value"], told["worthMax"]) == ("PERCENT", 50, {"amountMinor": 300})
    assert told["terms"] == {
        "weekdays": ["FRIDAY", "SATURDAY"], "windows": [{"startsAt": "18:00", "endsAt": "02:00"}],
        "placeIds": [granting.ids["yard"]], "leftover": "LAPSES", "validMinutes": 600,
    }  # fmt: skip
    for change, field in (
        ({"value": 101}, "value"),
        ({"worthMaxMinor": 0}, "worthMaxMinor"),
        ({"terms": {"validMinutes": 0}}, "terms.validMinutes"),
        ({"terms": {"windows": [{"startsAt": "25:00", "endsAt": "01:00"}]}},
         "terms.windows.0.startsAt"),
        ({"terms": {"places": [granting.ids["hilltop"]]}}, "terms.places.0"),
    ):  # fmt: skip
        refused = await say(granting, SPECIFY, "operator", input=wanted | change)
        assert (refused["__typename"], refused["field"]) == ("InvalidInput", field)


async def test_a_contract_is_for_an_issuer_that_is_there(granting: Town) -> None:
    offered = {"placeId": granting.ids["garage"], "quota": 10, "worthMaxMinor": 900}
    for issuer, state in (("tea", "OFFERED"), ("harbour", "ACTIVE")):
        wanted = offered | {"issuerId": granting.ids[issuer]}
        told = (await say(granting, CONTRACT, "operator", input=wanted))["contract"]
        assert (told["state"], told["operatorName"]) == (state, "harbour company")
    for nobody in (global_id("Organisation", 999_999), granting.ids["driver"], "garbage"):
        wanted = offered | {"issuerId": nobody}
        refused = await say(granting, CONTRACT, "operator", input=wanted)
        assert refused["__typename"] == "NotFound"


async def test_a_till_makes_codes_and_anothers_contract_is_none(granting: Town) -> None:
    wanted: dict[str, Any] = {
        "specificationId": granting.ids["specification"], "contractId": granting.ids["agreement"],
        "count": 3, "label": "Till", "usesMax": 1, "radiusMetres": 200,
    }  # fmt: skip
    told = (await say(granting, CODES, "till", input=wanted))["grantCodes"]
    assert [each["label"] for each in told] == ["Till 1", "Till 2", "Till 3"]
    assert len({each["publicId"] for each in told}) == 3
    assert told[0]["link"] == f"/g/{told[0]['publicId']}"
    assert told[0]["fence"] == {"radiusMetres": 200, "position": {"latitude": 48.77}}
    assert (told[0]["state"], told[0]["picture"]) == ("ACTIVE", None)
    for other in (
        granting.ids["others-agreement"],
        global_id("RightsContract", 999_999),
        "garbage",
    ):
        refused = await say(granting, CODES, "till", input=wanted | {"contractId": other})
        assert refused["__typename"] == "NotFound"
    again = (await say(granting, REISSUE, "merchant", id=told[0]["id"]))["replaced"]
    assert (again["state"], again["reason"]) == ("REVOKED", "copied")


async def test_a_rotating_code_is_granted_by_its_picture_or_a_ticket(granting: Town) -> None:
    wanted = {
        "specificationId": granting.ids["specification"], "contractId": granting.ids["agreement"],
        "kind": "ROTATING",
    }  # fmt: skip
    [code] = (await say(granting, CODES, "merchant", input=wanted))["grantCodes"]
    query = "query ($id: ID!) { node(id: $id) { ... on GrantCode { picture { text link } } } }"
    shown = {}
    for role in ("merchant", "till", "operator", "reader"):
        told = (await granting.ask(role, query, id=code["id"]))["node"]["picture"]
        shown[role] = told and told["text"]
    # Whoever shows the picture could grant with it, so it is the issuer's alone.
    assert (shown["operator"], shown["reader"]) == (None, None)
    picture = shown["merchant"]
    assert picture == shown["till"] == code["picture"]["text"]
    assert picture is not None
    fresh = (await granting.ask("anonymous", OFFER, code=picture))["grantCode"]
    assert (fresh["isRotating"], fresh["isStale"], fresh["state"]) == (True, False, "ACTIVE")
    granting.clock.advance(minutes=5)
    stale = (await granting.ask("anonymous", OFFER, code=picture))["grantCode"]
    assert (stale["isStale"], stale["ticket"]) == (True, None)
    await used_up(granting)
    await used_up(granting, "second-code")
    refused = await say(granting, CLAIM, grant=picture, vehicle=by_code(granting))
    assert refused["__typename"] == "PictureStale"
    granted = await say(granting, CLAIM, grant=fresh["ticket"], vehicle=by_code(granting))
    assert (granted["__typename"], granted["isNew"]) == ("RightClaimed", True)


async def test_a_position_and_a_reference_are_asked_for(granting: Town) -> None:
    wanted = {
        "specificationId": granting.ids["specification"], "contractId": granting.ids["agreement"],
        "radiusMetres": 100, "needsReference": True,
    }  # fmt: skip
    [code] = (await say(granting, CODES, "merchant", input=wanted))["grantCodes"]
    offer = (await granting.ask("anonymous", OFFER, code=code["publicId"]))["grantCode"]
    assert (offer["needsPosition"], offer["needsReference"]) == (True, True)
    claim = CLAIM.replace(
        "$key: String!)", '$key: String!, $at: PositionInput, $reference: String! = "")'
    ).replace("vehicle: $vehicle,", "vehicle: $vehicle, position: $at, reference: $reference,")
    await used_up(granting)
    await used_up(granting, "second-code")
    here, far = {"latitude": 48.77, "longitude": 9.18}, {"latitude": 40.0, "longitude": 9.18}
    asked = {"grant": code["publicId"], "vehicle": by_code(granting)}
    for more, reason in (
        ({"at": here}, "REFERENCE_NEEDED"),
        ({"reference": "A-1"}, "POSITION_NEEDED"),
        ({"reference": "A-1", "at": far}, "TOO_FAR"),
        ({"reference": "A-1", "at": {"latitude": 91.0, "longitude": 0.0}}, "INVALID_INPUT"),
    ):
        assert (await say(granting, claim, **asked, **more))["code"] == reason
    told = await say(granting, claim, **asked, at=here, reference="a 1")
    assert told["__typename"] == "RightClaimed"


FOLLOW = """subscription { rights { ... on RightsUpdate { kind rights { id state name }
  redemptions { id state } } } }"""
FOLLOW_ISSUED = """subscription ($id: ID!) { issuedRights(organisationId: $id) {
  ... on IssuedRightsUpdate { kind rights { id state specification { name } }
    redemptions { id state plate } signals { id seenAt } } } }"""
SEEN = """mutation ($ids: [ID!]!, $key: String!) {
  it: markRightsSignalsSeen(signalIds: $ids, idempotencyKey: $key) { __typename
    ... on RightsSignalsSeen { signals { seenAt } } } }"""


async def test_driver_and_issuer_follow_rights_live(granting: Town) -> None:
    mine = await granting.subscribe("driver", FOLLOW)
    issued = await granting.subscribe("merchant", FOLLOW_ISSUED, id=granting.ids["tea"])
    now, theirs = (await anext(mine)).data["rights"], (await anext(issued)).data["issuedRights"]
    assert {each["id"] for each in now["rights"]} == {granting.ids["right"], granting.ids["spare"]}
    assert now["redemptions"] == [{"id": granting.ids["redemption"], "state": "LIVE"}]
    assert [each["id"] for each in theirs["signals"]] == [granting.ids["signal"]]
    assert [each["plate"] for each in theirs["redemptions"]] == [None]
    await used_up(granting)
    grant = granting.texts["public-code"]
    made = (await say(granting, CLAIM, grant=grant, vehicle=by_code(granting)))["right"]["id"]
    await say(granting, SEEN, "merchant", ids=[granting.ids["signal"]])
    async with asyncio.timeout(LONG):
        for stream, name in ((mine, "rights"), (issued, "issuedRights")):
            told = (await anext(stream)).data[name]
            assert (told["kind"], told["rights"][0]["id"]) == ("DELTA", made)
        signals = (await anext(issued)).data["issuedRights"]["signals"]
    assert (signals[0]["id"], signals[0]["seenAt"]) == (
        granting.ids["signal"],
        granting.clock.now().isoformat().replace("+00:00", "Z"),
    )
    await mine.aclose()
    await issued.aclose()


async def test_a_settled_redemption_says_who_paid(granting: Town) -> None:
    operator, clock, bus = granting.viewers["operator"], granting.clock, granting.bus
    await end_session(operator, granting.keys["parking"], clock=clock, bus=bus)
    await settle_ended(clock, bus)
    await finish_redemptions(clock, bus)
    paid = "paidByIssuer { amountMinor } paidByOperator { amountMinor }"
    query = f"""query ($id: ID!, $code: ID!, $agreement: ID!) {{
      node(id: $id) {{ ... on Redemption {{ state {paid} right {{ state }} }} }}
      code: node(id: $code) {{ ... on GrantCode {{ statistics {{ total {{ granted used {paid} }}
        days(since: "2026-01-01") {{ day figures {{ used }} }} }} }} }}
      agreement: node(id: $agreement) {{ ... on RightsContract {{
        spent {{ amountMinor }} }} }} }}"""
    told = await granting.ask(
        "merchant", query, id=granting.ids["redemption"], code=granting.ids["code"],
        agreement=granting.ids["agreement"],
    )  # fmt: skip
    cost = {"paidByIssuer": {"amountMinor": 480}, "paidByOperator": {"amountMinor": 0}}
    assert told["node"] == {"state": "FINISHED", "right": {"state": "USED"}, **cost}
    assert told["code"]["statistics"] == {
        "total": {"granted": 1, "used": 1, **cost},
        "days": [{"day": "2026-01-05", "figures": {"used": 1}}],
    }
    assert told["agreement"] == {"spent": {"amountMinor": 480}}


LISTS = """query ($id: ID!) { node(id: $id) { ... on Organisation {
  rightSpecifications { nodes { name terms { stacks } statistics { total { used } }
    issuer { name } } }
  rightsContracts { nodes { issuerName operatorName placeName place { name } issuer { name } } }
  grantCodes { nodes { state label specification { name } contract { quota } place { name }
    statistics { total { granted } days(since: "2026-01-01") { day } } } }
  issuedRights { nodes { name issuerName state redemptions { state plate right { name } }
    specification { name } grantCode { label state } place { name } } }
  redemptions { nodes { state plate right { name issuerName } } }
  rightsSignals { nodes { kind grantCode { label state } place { name } } }
  rightsInvoices { nodes { number issuer { name } } } } } }"""
STATEMENTS_MAX = 35
MORE = 40


async def test_statements_do_not_grow_with_what_an_issuer_has(granting: Town) -> None:
    await _more(granting)
    with counted() as statements:
        told = await granting.ask("merchant", LISTS, id=granting.ids["tea"])
    assert len(told["node"]["issuedRights"]["nodes"]) == 2 + MORE
    # What is read at the same moment is one statement; of a field of each row there would be more.
    assert len(statements) <= STATEMENTS_MAX < MORE


async def _more(town: Town) -> None:
    """Further codes, rights and signals of the tea room."""
    wanted = {
        "specificationId": town.ids["specification"], "contractId": town.ids["agreement"],
        "count": MORE, "label": "More",
    }  # fmt: skip
    await say(town, CODES, "merchant", input=wanted)
    [right] = await AssignedRight.filter(id=town.keys["spare"]).values()
    [signal] = await RightsSignal.filter(id=town.keys["signal"]).values()
    del right["id"], signal["id"]
    for number in range(MORE):
        await AssignedRight.create(**right | {"ordinal": number + 1})
        await RightsSignal.create(**signal)
