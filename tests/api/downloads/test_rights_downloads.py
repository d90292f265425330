"""Invoices and redemptions as files: what is in them, and who gets them."""

import csv
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import StringIO

import httpx
import pytest
from starlette.applications import Starlette

from api.downloads import rights
from api.downloads.routes import Downloads
from parking.accounts.models import Role
from parking.clock import TestClock
from parking.rights.models import Redemption
from parking.storage.database import connect, disconnect
from schema.ids import global_id
from tests.parking.rights.issued import Issued, make_issued
from tests.support.bearing import bearers_of, bearing
from tests.support.leasing import somebody


@dataclass
class Files:
    """What can be downloaded of one finished redemption."""

    browser: httpx.AsyncClient
    issued: Issued

    @property
    def paths(self) -> dict[str, str]:
        """By name."""
        shop = self.issued.shop
        issuer = f"/csv/organisations/{global_id('Organisation', shop.issuer_id)}"
        return {
            "invoices": f"{issuer}/rights-invoices",
            "issued": f"{issuer}/redemptions",
            "redeemed": f"/csv/places/{global_id('Place', shop.place_id)}/redemptions",
        }

    async def rows(self, name: str, who: str, asked: str = "") -> list[dict[str, str]]:
        """Its rows by column."""
        answer = await self.browser.get(self.paths[name] + asked, headers=bearing(who))
        assert answer.status_code == 200, answer.text
        return list(csv.DictReader(StringIO(answer.text, newline="")))


@pytest.fixture
async def files(sqlite_url: str, clock: TestClock) -> AsyncIterator[Files]:
    """On one database: the reading has tests on both."""
    await connect(sqlite_url)
    issued = await make_issued(clock)
    right = await issued.right(await issued.shop.code())
    await Redemption.filter(id=await issued.redemption(right, issuer_minor=150, operator_minor=50)
                            ).update(plate="SAB12", expected_minor=200)  # fmt: skip
    await issued.invoice()
    other = await somebody("Nobby", {issued.shop.operator_id + 999: Role.MERCHANT})
    bearers = bearers_of(issued.shop.people | {"other": other})
    transport = httpx.ASGITransport(Starlette(routes=Downloads(bearers).routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://berth.test") as browser:
        yield Files(browser, issued)
    await disconnect()


async def test_invoices(files: Files) -> None:
    [row] = await files.rows("invoices", "merchant")
    assert (row["month"], row["amount"], row["currency"]) == ("2026-01", "1.00", "EUR")


async def test_the_issuer_reads_what_was_paid_and_no_plates(files: Files) -> None:
    [row] = await files.rows("issued", "merchant")
    told = {name: row[name] for name in ("gives", "issuer", "place", "plate", "way", "state")}
    assert told == {
        "gives": "An hour with your tea", "issuer": "Tea room", "place": "Harbour garage",
        "plate": "", "way": "EXIT_CODE", "state": "FINISHED",
    }  # fmt: skip
    paid = [row[name] for name in ("expected", "paid_by_issuer", "paid_by_operator")]
    assert paid == ["2.00", "1.50", "0.50"]


async def test_who_runs_the_place_reads_plates_too(files: Files) -> None:
    [row] = await files.rows("redeemed", "operator")
    assert (row["plate"], row["paid_by_issuer"]) == ("SAB12", "1.50")


async def test_only_what_lies_within_the_asked_time(files: Files) -> None:
    [row] = await files.rows("issued", "merchant")
    at = row["at"]
    assert len(await files.rows("issued", "merchant", f"?startsAt={at}")) == 1
    assert await files.rows("issued", "merchant", f"?endsAt={at}") == []


async def test_pages_go_on(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "PAGE_ROWS", 2)
    for month in range(2, 6):
        await files.issued.redemption(await files.issued.right(await files.issued.shop.code()))
        await files.issued.invoice(f"2026-0{month}")
    assert len(await files.rows("issued", "merchant")) == 5
    assert len(await files.rows("invoices", "merchant")) == 5


@pytest.mark.parametrize(
    ("name", "seen"),
    [("invoices", {"merchant"}), ("issued", {"merchant"}), ("redeemed", {"operator"})],
)
async def test_to_others_they_are_missing(files: Files, name: str, seen: set[str]) -> None:
    everybody = {*files.issued.shop.people, "other"}
    codes = {
        who: (await files.browser.get(files.paths[name], headers=bearing(who))).status_code
        for who in everybody
    }
    assert codes == {who: 200 if who in seen else 404 for who in everybody}
