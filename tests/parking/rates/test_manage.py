"""Writing rate tables, on both databases."""

import json

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted
from parking.rates import checks
from parking.rates.manage import (
    NewRateTable,
    RateTableEdit,
    create_rate_table,
    retire_rate_table,
    update_rate_table,
)
from parking.rates.models import RateTable
from parking.rates.queries import find_rate_tables, rate_table_by_id, rate_table_key
from tests.parking.rates.tables import collection, each
from tests.support.operators import make_organisation, member, operator

pytestmark = pytest.mark.usefixtures("database")


def document(amount: int = 120, currency: str = "EUR") -> str:
    lines = [collection(each(amount, "PT30M"))]
    return json.dumps({"currency": currency, "collections": lines, "caps": []})


@pytest.fixture
async def organisation_id(database: str) -> int:
    return await make_organisation()


@pytest.fixture
def viewer(organisation_id: int) -> Viewer:
    return operator(organisation_id)


async def made(viewer: Viewer, organisation_id: int, clock: TestClock, name: str = "Days") -> int:
    new = NewRateTable(organisation_id, name, document())
    return await create_rate_table(viewer, new, clock=clock)


async def test_a_rate_table_is_kept_as_it_is_read(
    viewer: Viewer, organisation_id: int, clock: TestClock
) -> None:
    found = await rate_table_by_id(viewer, await made(viewer, organisation_id, clock))
    assert (found.name, found.currency, found.version) == ("Days", "EUR", 1)
    assert "caps" not in json.loads(found.document)
    assert found.created_at == found.changed_at == clock.now()


async def test_an_edit_raises_the_version(
    viewer: Viewer, organisation_id: int, clock: TestClock
) -> None:
    key = await made(viewer, organisation_id, clock)
    later = clock.advance(minutes=1)
    await update_rate_table(viewer, RateTableEdit(key, 1, document=document(130)), clock=clock)
    found = await rate_table_by_id(viewer, key)
    assert (found.version, found.changed_at) == (2, later)
    assert found.tariff.collections[0].lines[0].amount_minor == 130
    await update_rate_table(viewer, RateTableEdit(key, 2, name="Days"), clock=clock)
    assert (await rate_table_by_id(viewer, key)).version == 2


async def test_an_edit_of_what_another_changed_is_refused(
    viewer: Viewer, organisation_id: int, clock: TestClock
) -> None:
    key = await made(viewer, organisation_id, clock)
    await update_rate_table(viewer, RateTableEdit(key, 1, name="Nights"), clock=clock)
    with pytest.raises(Conflict) as caught:
        await update_rate_table(viewer, RateTableEdit(key, 1, name="Weeks"), clock=clock)
    assert caught.value.code == "VERSION_CHANGED"


async def test_the_currency_stays(viewer: Viewer, organisation_id: int, clock: TestClock) -> None:
    key = await made(viewer, organisation_id, clock)
    edit = RateTableEdit(key, 1, document=document(currency="CHF"))
    with pytest.raises(InvalidInput) as caught:
        await update_rate_table(viewer, edit, clock=clock)
    assert caught.value.field == "document.currency"


async def test_a_retired_table_is_not_listed_and_not_changed(
    viewer: Viewer, organisation_id: int, clock: TestClock
) -> None:
    key = await made(viewer, organisation_id, clock)
    await retire_rate_table(viewer, key, clock=clock)
    await retire_rate_table(viewer, key, clock=clock)
    assert await find_rate_tables(viewer, organisation_id, limit=9) == []
    found = await rate_table_by_id(viewer, key)
    assert (found.retired_at, found.version) == (clock.now(), 2)
    with pytest.raises(Conflict) as caught:
        await update_rate_table(viewer, RateTableEdit(key, 2, name="New"), clock=clock)
    assert caught.value.code == "RETIRED"


async def test_pages_are_by_name(viewer: Viewer, organisation_id: int, clock: TestClock) -> None:
    for name in ("b", "a", "c", "a"):
        await made(viewer, organisation_id, clock, name)
    first = await find_rate_tables(viewer, organisation_id, limit=2)
    rest = await find_rate_tables(viewer, organisation_id, limit=9, after=rate_table_key(first[-1]))
    assert [found.name for found in [*first, *rest]] == ["a", "a", "b", "c"]


async def test_owners_and_operators_may_and_others_may_not(
    organisation_id: int, clock: TestClock
) -> None:
    owner = member(organisation_id, Role.OWNER)
    key = await made(owner, organisation_id, clock)
    for viewer, refusal in (
        (member(organisation_id, Role.ATTENDANT), NotPermitted),
        (operator(organisation_id + 1), NotFound), (ANONYMOUS, NotFound),
    ):  # fmt: skip
        with pytest.raises(refusal):
            await made(viewer, organisation_id, clock)
        with pytest.raises(refusal):
            await update_rate_table(viewer, RateTableEdit(key, 1, name="x"), clock=clock)
        with pytest.raises(refusal):
            await retire_rate_table(viewer, key, clock=clock)
    assert await RateTable.all().count() == 1


async def test_what_is_no_tariff_is_not_kept(
    viewer: Viewer, organisation_id: int, clock: TestClock
) -> None:
    for new in (
        NewRateTable(organisation_id, "", document()),
        NewRateTable(organisation_id, "Days", "{}"),
    ):
        with pytest.raises(InvalidInput):
            await create_rate_table(viewer, new, clock=clock)


def hostile() -> str:
    """A hundred lines that come again every ten minutes, each under fifty caps."""
    lines = [each(1, "PT1M", f"l{n}", times=1) for n in range(10)]
    caps = [{"id": f"c{n}", "maxMinor": 10, "over": "ROLLING", "every": "PT10M"} for n in range(5)]
    return json.dumps({"currency": "EUR", "collections": [collection(*lines)], "caps": caps})


def dear(amount: int, *, collections: int) -> str:
    """So much each second, as many times over."""
    many = [
        collection(each(amount, "PT1S", f"l{n}"), id=f"c{n}", adds=n > 0)
        for n in range(collections)
    ]
    return json.dumps({"currency": "EUR", "collections": many})


async def test_what_takes_too_long_to_price_is_refused(
    viewer: Viewer, organisation_id: int, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "WORK_MAX", 10**9)  # the coarse sieve lets it through
    with pytest.raises(InvalidInput, match="steps to price"):
        await create_rate_table(viewer, NewRateTable(organisation_id, "R", hostile()), clock=clock)


async def test_what_clients_cannot_count_is_refused(
    viewer: Viewer, organisation_id: int, clock: TestClock
) -> None:
    at_most = NewRateTable(organisation_id, "R", dear(10**9, collections=1))
    made = await create_rate_table(viewer, at_most, clock=clock)
    twice = dear(10**9, collections=2)
    for write in (
        create_rate_table(viewer, NewRateTable(organisation_id, "R", twice), clock=clock),
        update_rate_table(viewer, RateTableEdit(made, 1, document=twice), clock=clock),
    ):
        with pytest.raises(InvalidInput, match="more than clients can count"):
            await write
