"""The page of who is to fetch a car, over HTTP: what it tells, its code, and agreeing to pay."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest

from api.pages.fetching_texts import TEXTS
from parking.access.check import Outcome
from parking.access.models import DelegationPayer, DelegationState
from parking.clock import TestClock
from parking.locations.fetching.revoke import revoke_exit
from parking.storage.database import connect, disconnect
from parking.storage.sql import database
from tests.api.pages.finding_site import FindingSite, finding_site, is_secretive
from tests.support.bays import SEALER
from tests.support.fetching import Fetching, make_fetching
from tests.support.leasing import somebody
from tests.support.wallets import in_wallet

CODE = re.compile(r'<img src="(data:image/svg\+xml;base64,[^"]*)" alt="QR code that lets')


@dataclass
class Fetch:
    """A booking in an hour, a friend with 10.00, and the friend's phone."""

    site: FindingSite
    fetching: Fetching

    async def path(self, **wished: object) -> str:
        """Where a new right's page is."""
        made = await self.fetching.delegate(self.fetching.wish(**wished))
        return f"/f/{await self.fetching.token(made)}"

    async def paid_by_friend(self) -> tuple[int, str]:
        """A right for which the friend is to pay, and where its page is."""
        made = await self.fetching.delegate(self.fetching.paid_by_friend())
        return made, f"/f/{await self.fetching.token(made)}"


@pytest.fixture
async def fetch(sqlite_url: str, clock: TestClock) -> AsyncIterator[Fetch]:
    """On one database: what the pages ask is the schema's, which is tested on both."""
    await connect(sqlite_url)
    made = await make_fetching(clock)
    people = {"friend": made.friend, "owner": made.owner, "poor": await somebody("Paul")}
    async with finding_site(clock, made.bus, people, SEALER) as site:
        yield Fetch(site, made)
    await disconnect()


@pytest.mark.parametrize("state", DelegationState)
def test_every_state_and_payer_has_words(state: DelegationState) -> None:
    assert state.value in TEXTS["zh"]
    assert {f"payer_{each.value}" for each in DelegationPayer} <= TEXTS["zh"].keys()


async def codes() -> int:
    """How many were made."""
    [row] = await database().fetch("SELECT COUNT(*) AS held FROM credential_token")
    return int(row["held"])


async def test_there_is_no_code_before_the_car_is_there(fetch: Fetch) -> None:
    path = await fetch.path()
    page = await fetch.site.get(path)
    for told in ("For Freda", "Bay A-01", "The car is not there yet.", "The owner of the car",
                 "Tue 6 Jan 2026 09:00"):  # fmt: skip
        assert told in page.text, told
    assert 'id="qr"' not in page.text
    assert not CODE.search((await fetch.site.browser.post(f"{path}/qr")).text)


async def test_the_code_is_made_by_asking_and_lets_out_once(fetch: Fetch) -> None:
    path, fetching = await fetch.path(), fetch.fetching
    await fetching.park()
    page = await fetch.site.get(path)
    assert "Show the QR code" in page.text
    assert await codes() == 0
    first = await fetch.site.post(page, "/qr")
    second = await fetch.site.post(first, "/qr")
    assert CODE.search(first.text)[1] != CODE.search(second.text)[1]  # type: ignore[index]
    assert f'<noscript><meta http-equiv="refresh" content="60;url={path}?lang=en">' in first.text
    assert 'data-seconds="60"' in first.text
    assert await codes() == 2
    assert await fetching.try_at(fetching.bay, 1) is Outcome.GRANTED
    assert "Hold the code to the reader at the gate." in (await fetch.site.get(path)).text
    assert await fetching.try_at(fetching.gate, 1) is Outcome.GRANTED
    used = await fetch.site.get(path)
    assert "It was fetched." in used.text
    for gone in ("A-01", "Show the QR code", "How to get there", "<svg class"):
        assert gone not in used.text


async def test_what_was_taken_back_says_so_and_shows_no_bay(fetch: Fetch) -> None:
    path = await fetch.path()
    await fetch.fetching.park()
    form = await fetch.site.get(path)
    await revoke_exit(fetch.fetching.owner, 1, **fetch.fetching.both)
    for page in (await fetch.site.get(path), await fetch.site.post(form, "/qr")):
        assert page.status_code == 200
        assert "The owner has taken this back" in page.text
        assert "A-01" not in page.text
        assert not CODE.search(page.text)


async def test_its_time_is_over_by_itself(fetch: Fetch) -> None:
    path = await fetch.path(valid_until=fetch.fetching.clock.now() + timedelta(hours=2))
    await fetch.fetching.park()
    fetch.fetching.clock.advance(hours=1)
    assert "Its time is over." in (await fetch.site.get(path)).text


async def test_who_pays_agrees_first_and_signed_in(fetch: Fetch) -> None:
    made, path = await fetch.paid_by_friend()
    page = await fetch.site.get(path)
    for told in ("Waiting for you to agree", "You, €3.00 at most", "€3.00 are reserved",
                 f'href="/signin?next={path.replace("/", "%2F")}&amp;lang=en"'):  # fmt: skip
        assert told in page.text, told
    refused = await fetch.site.post(page, "/accept")
    assert refused.status_code == 401
    assert "Sign in first." in refused.text
    done = await fetch.site.signed_in("friend").post(page, "/accept")
    assert "Agreed. You may drive the car out." in done.text
    assert await fetch.fetching.state(made) is DelegationState.ACTIVE
    assert await in_wallet(fetch.fetching.friend) == 1_000
    again = await fetch.site.signed_in("friend").post(page, "/accept")
    assert again.status_code == 200  # the same form: the same answer


async def test_the_code_is_for_who_agreed_to_pay_alone(fetch: Fetch) -> None:
    _, path = await fetch.paid_by_friend()
    site, friend = fetch.site, fetch.site.signed_in("friend")
    await friend.post(await site.get(path), "/accept")
    await fetch.fetching.park()
    page = await site.get(path)  # as a browser gets it: what brings the token is a script
    for told in (
        "Sign in as who agreed to pay",
        "Whoever agreed to pay may drive",
        "/signin?next=",
    ):
        assert told in page.text, told
    for who in (site, site.signed_in("poor"), site.signed_in("nobody")):
        refused = await who.post(page, "/qr")
        assert "Sign in as who agreed to pay" in refused.text
        assert not CODE.search(refused.text)
    assert await codes() == 0
    first = await friend.post(page, "/qr")
    assert "You may drive the car out once." in first.text
    second = await friend.post(first, "/qr")
    assert CODE.search(first.text)[1] != CODE.search(second.text)[1]  # type: ignore[index]
    assert "Show the QR code" in (await friend.get(path)).text


async def test_a_wallet_that_is_short_is_told_what_it_lacks(fetch: Fetch) -> None:
    made, path = await fetch.paid_by_friend()
    page = await fetch.site.signed_in("poor").post(await fetch.site.get(path), "/accept")
    assert page.status_code == 409
    assert "Your wallet lacks €3.00." in page.text
    assert 'href="/wallet?amount=300&amp;currency=EUR"' in page.text
    assert await fetch.fetching.state(made) is DelegationState.OFFERED


async def test_the_owner_cannot_agree_to_their_own(fetch: Fetch) -> None:
    _, path = await fetch.paid_by_friend()
    page = await fetch.site.signed_in("owner").post(await fetch.site.get(path), "/accept")
    assert "It is your own car" in page.text
    stranger = await fetch.site.signed_in("nobody").post(await fetch.site.get(path), "/accept")
    assert stranger.status_code == 401


async def test_nothing_of_the_owner_is_told(fetch: Fetch) -> None:
    path = await fetch.path()
    await fetch.fetching.park()
    page = await fetch.site.get(path)
    for each in (page, await fetch.site.post(page, "/qr"), await fetch.site.other_language(page)):
        for secret in ("S-AB 12", "SAB12", "Dora", "@"):
            assert secret not in re.sub(r'"data:[^"]*"', "", each.text), secret


async def test_every_answer_is_kept_and_told_nowhere(fetch: Fetch) -> None:
    path = await fetch.path()
    await fetch.fetching.park()
    page = await fetch.site.get(path)
    missing = [await fetch.site.get(f"/f/{'x' * 28}"), await fetch.site.get("/f/x")]
    assert {each.status_code for each in missing} == {404}
    for each in (page, await fetch.site.post(page, "/qr"), *missing):
        assert is_secretive(each)
    back: httpx.Response = await fetch.site.get(f"{path}/qr")
    assert str(back.url).endswith(f"{path}?lang=en")


async def test_it_speaks_both_languages(fetch: Fetch) -> None:
    path = await fetch.path()
    await fetch.fetching.park()
    page = await fetch.site.other_language(await fetch.site.get(path))
    assert "您可将车驶出一次" in page.text
    assert '<html lang="zh-Hans">' in page.text
