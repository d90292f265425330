"""Sign-in in a browser: two forms and a cookie."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from api.forms import safe_next
from api.signin import COOKIE, SignIn
from parking.accounts.models import SignInCode
from parking.accounts.request_code import REQUESTS_PER_ADDRESS
from parking.accounts.sign_in_rules import REPEAT_GRACE
from parking.clock import TestClock
from parking.errors import Unauthenticated
from parking.notices.inbox import inbox_messages
from tests.support.people import Desk, make_desk, newest_code

ADA = "ada@example.com"
HOST = "http://berth.test"


@pytest.fixture
async def desk(database: str, clock: TestClock) -> Desk:
    return make_desk(clock)


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    signin = SignIn(desk.keys, desk.clock, desk.channel, desk.standings)
    transport = httpx.ASGITransport(Starlette(routes=signin.routes()))
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
        yield client


async def sign_in(browser: httpx.AsyncClient, **fields: str) -> httpx.Response:
    """Through both forms."""
    await browser.post("/signin", data={"address": ADA, **fields})
    code = await newest_code(ADA)
    return await browser.post("/signin/code", data={"address": ADA, "code": code, **fields})


async def test_two_forms_lead_to_a_cookie_that_gives_access_tokens(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    answer = await sign_in(browser, next="/places/7?tab=plan")
    assert (answer.status_code, answer.headers["location"]) == (303, "/places/7?tab=plan")
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "path=/auth", "max-age="))
    refreshed = await browser.post("/auth/refresh")
    viewer = await desk.gate.authenticate(refreshed.json()["accessToken"])
    assert viewer.person_id is not None
    assert refreshed.headers["cache-control"] == "no-store"


async def test_the_cookie_rotates_and_a_copy_of_the_old_one_ends_it(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    stolen = (await sign_in(browser)).cookies[COOKIE]
    newest = (await browser.post("/auth/refresh")).cookies[COOKIE]
    assert newest != stolen
    desk.clock.advance(seconds=REPEAT_GRACE.total_seconds() + 1)
    for cookie in (stolen, newest):
        answer = await browser.post("/auth/refresh", headers={"cookie": f"{COOKIE}={cookie}"})
        assert answer.status_code == 401


async def test_signing_out_ends_it_on_the_server_too(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    await sign_in(browser)
    token = (await browser.post("/auth/refresh")).json()["accessToken"]
    answer = await browser.post("/auth/signout")
    assert answer.status_code == 204
    assert COOKIE not in browser.cookies
    with pytest.raises(Unauthenticated):
        await desk.gate.authenticate(token)
    assert (await browser.post("/auth/signout")).status_code == 204


async def test_nobody_is_told_so(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/auth/refresh")).status_code == 204


async def test_a_cookie_that_is_not_good_is_refused_and_dropped(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/auth/refresh", headers={"cookie": f"{COOKIE}=made-up"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    assert f"{COOKIE}=" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://[::1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": HOST},
    ],
)
@pytest.mark.parametrize("path", ["/signin", "/signin/code", "/auth/refresh", "/auth/signout"])
async def test_other_sites_can_do_nothing(
    browser: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    await sign_in(browser)
    fields = {"address": ADA, "code": "123456"} if path.startswith("/signin") else None
    answer = await browser.post(path, data=fields, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    own = {"origin": HOST, "sec-fetch-site": "same-origin"}
    assert (await browser.post("/auth/refresh", headers=own)).status_code == 200


async def test_a_page_runs_no_script_and_is_not_framed_or_kept(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.get("/signin")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_what_is_typed_is_escaped(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/signin", data={"address": '"><script>alert(1)</script>@x'})
    assert answer.status_code == 400
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    ("query", "accept", "word"),
    [
        ("", "", "Sign in"),
        ("", "fr-FR,zh-CN;q=0.8,en;q=0.5", "登录"),
        ("", "zh;q=0,en", "Sign in"),
        ("", "de;q=x,zh", "登录"),
        ("?lang=zh", "en", "登录"),
        ("?lang=xx", "zh-TW", "登录"),
    ],
)
async def test_the_page_speaks_the_readers_language(
    browser: httpx.AsyncClient, query: str, accept: str, word: str
) -> None:
    answer = await browser.get(f"/signin{query}", headers={"accept-language": accept})
    assert f"<h1>{word}</h1>" in answer.text


async def test_code_and_refusal_come_in_the_language_of_the_page(
    browser: httpx.AsyncClient,
) -> None:
    await browser.post("/signin", data={"address": ADA, "lang": "zh"})
    assert "验证码" in (await inbox_messages(ADA))[0].text
    wrong = f"{(int(await newest_code(ADA)) + 1) % 10**6:06}"
    answer = await browser.post("/signin/code", data={"address": ADA, "code": wrong, "lang": "zh"})
    assert answer.status_code == 403
    assert "验证码错误" in answer.text


async def test_a_form_sent_twice_sends_one_code_and_signs_in_once(
    browser: httpx.AsyncClient,
) -> None:
    page = (await browser.get("/signin")).text
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    fields = {"address": ADA, "key": found.group(1)}
    answers = [await browser.post("/signin", data=fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(await inbox_messages(ADA)) == 1
    again = fields | {"code": await newest_code(ADA)}
    tokens = [(await browser.post("/signin/code", data=again)).cookies[COOKIE] for _ in range(2)]
    assert tokens[0] == tokens[1]


async def test_a_limit_says_when_to_come_back(browser: httpx.AsyncClient) -> None:
    for _ in range(REQUESTS_PER_ADDRESS.count_max):
        await browser.post("/signin", data={"address": ADA})
    answer = await browser.post("/signin", data={"address": ADA})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3600")
    assert "60 minutes" in answer.text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"address=" + b"a" * 5000, "application/x-www-form-urlencoded"),
        (b"address=%ff", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"a=1&" * 50, "application/x-www-form-urlencoded"),
        (b'{"address": "ada@example.com"}', "application/json"),
        (b"", ""),
    ],
)
async def test_what_is_not_our_form_is_refused(
    browser: httpx.AsyncClient, content: bytes, kind: str
) -> None:
    headers = {"content-type": kind} if kind else {}
    for path in ("/signin", "/signin/code"):
        answer = await browser.post(path, content=content, headers=headers)
        assert answer.status_code == 400
    assert await SignInCode.all().count() == 0


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("/", "/"),
        ("/places/7?x=1#y", "/places/7?x=1#y"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
    ],
)
def test_going_on_never_leads_elsewhere(path: str, safe: str) -> None:
    assert safe_next(path) == safe


async def test_over_https_the_cookie_is_secure_and_below_a_prefix_it_stays_there(
    desk: Desk,
) -> None:
    routes = SignIn(desk.keys, desk.clock, desk.channel, desk.standings).routes()
    transport = httpx.ASGITransport(Starlette(routes=routes), root_path="/berth")
    async with httpx.AsyncClient(transport=transport, base_url="https://x.test") as browser:
        await browser.post("/berth/signin", data={"address": ADA})
        fields = {"address": ADA, "code": await newest_code(ADA)}
        answer = await browser.post("/berth/signin/code", data=fields)
    cookie = answer.headers["set-cookie"].lower()
    assert "; secure" in cookie
    assert "path=/berth/auth" in cookie
    assert answer.headers["location"] == "/berth/"
