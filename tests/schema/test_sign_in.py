"""Signing in and out through the schema."""

from typing import Any

from parking.accounts.authenticate import Gate
from parking.notices.inbox import inbox_messages
from tests.schema.town import Town

ADDRESS = "driver@example.org"
REQUEST = """mutation ($address: String!, $key: String) {
  it: requestSignInCode(address: $address, idempotencyKey: $key) { __typename
  ... on SignInCodeRequested { address } ... on InvalidInput { field }
  ... on TooManyTries { retryAfterSeconds } } }"""
SIGN_IN = """mutation ($code: String!) { it: signIn(address: "driver@example.org", code: $code) {
  __typename ... on Refusal { code }
  ... on SignedIn { accessToken refreshToken person { id name email } } } }"""
REFRESH = """mutation ($token: String!) { it: refreshSession(refreshToken: $token) {
  accessToken refreshToken person { name } } }"""


async def ask(town: Town, query: str, who: str = "anonymous", **given: Any) -> dict[str, Any]:
    """The only root field's value."""
    answer: dict[str, Any] = (await town.ask(who, query, **given))["it"]
    return answer


async def sent_code() -> str:
    """The code in the newest message."""
    text = (await inbox_messages(ADDRESS))[0].text
    return next(word for word in text.split() if word.isdigit() and len(word) == 6)


async def sign_in(town: Town) -> dict[str, Any]:
    """Sign the driver in."""
    await ask(town, REQUEST, address=ADDRESS)
    return await ask(town, SIGN_IN, code=await sent_code())


async def test_a_code_signs_its_owner_in(town: Town) -> None:
    signed_in = await sign_in(town)
    assert signed_in["person"]["id"] == town.ids["driver"]
    gate = Gate(town.services.keys, town.clock, town.services.standings)
    viewer = await gate.authenticate(f"Bearer {signed_in['accessToken']}")
    assert viewer.person_id == town.keys["driver"]


async def test_a_wrong_code_is_declined(town: Town) -> None:
    await ask(town, REQUEST, address=ADDRESS)
    wrong = "000000" if await sent_code() != "000000" else "000001"
    declined = await ask(town, SIGN_IN, code=wrong)
    assert declined == {"__typename": "Declined", "code": "CODE_REJECTED"}


async def test_a_repeated_request_sends_one_message(town: Town) -> None:
    for _ in range(2):
        sent = await ask(town, REQUEST, address=f" {ADDRESS.upper()}", key="k")
        assert sent == {"__typename": "SignInCodeRequested", "address": ADDRESS}
    assert len(await inbox_messages(ADDRESS)) == 1


async def test_what_is_no_address_is_refused(town: Town) -> None:
    refused = await ask(town, REQUEST, address="nowhere")
    assert refused == {"__typename": "InvalidInput", "field": "address"}


async def test_too_many_requests_are_told_when_to_come_back(town: Town) -> None:
    answers = [await ask(town, REQUEST, address=ADDRESS) for _ in range(6)]
    assert answers[4]["__typename"] == "SignInCodeRequested"
    assert answers[5]["__typename"] == "TooManyTries"
    assert answers[5]["retryAfterSeconds"] > 0


async def test_a_refresh_token_gives_new_tokens(town: Town) -> None:
    signed_in = await sign_in(town)
    town.clock.advance(minutes=20)
    fresh = await ask(town, REFRESH, token=signed_in["refreshToken"])
    assert fresh["refreshToken"] != signed_in["refreshToken"]
    assert fresh["person"] == {"name": "driver"}


async def test_a_bad_refresh_token_is_unauthenticated(town: Town) -> None:
    result = await town.execute("anonymous", REFRESH, token="x")
    assert result.errors[0].extensions["code"] == "UNAUTHENTICATED"


async def test_signing_out_everywhere_ends_all_sign_ins(town: Town) -> None:
    tokens = [(await sign_in(town))["refreshToken"] for _ in range(2)]
    query = "mutation { it: signOut(everywhere: true) { ... on SignedOut { ended } } }"
    assert await ask(town, query, "driver") == {"ended": 2}
    for token in tokens:
        assert (await town.execute("anonymous", REFRESH, token=token)).errors


async def test_a_key_cannot_sign_out_and_nobody_is_told_to_sign_in(town: Town) -> None:
    query = "mutation { it: signOut { __typename } }"
    assert await ask(town, query, "key") == {"__typename": "NotPermitted"}
    (error,) = (await town.execute("anonymous", query)).errors
    assert error.extensions["code"] == "UNAUTHENTICATED"
