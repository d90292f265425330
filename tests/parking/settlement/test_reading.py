"""Reading money: what the database selects is what the rule allows; pages and exports are whole."""

from datetime import date

import pytest

from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.errors import InvalidInput, NotFound
from parking.ledger.accounts import driver
from parking.settlement import queries
from parking.settlement.contracts.dated import set_fee_contract
from parking.settlement.contracts.queries import contracts_by_id, find_contracts
from parking.settlement.figures import statements
from parking.settlement.figures.closing import daily_close, platform_totals
from parking.settlement.figures.earnings import earnings
from parking.settlement.figures.holdings import owed_to, own_wallets
from parking.settlement.figures.periods import Every
from parking.settlement.figures.statements import (
    ALWAYS,
    OrganisationAccount,
    Span,
    account_of,
    lines_of_period,
)
from parking.settlement.live import followed
from parking.settlement.queries import (
    MoneyFilter,
    charges_by_id,
    find_charges,
    find_settlements,
    settlements_by_id,
    settlements_of_period,
)
from tests.parking.settlement.case import Case

FIRST, UNTIL = date(2026, 1, 1), date(2026, 2, 1)


def everybody(case: Case) -> dict[str, Viewer]:
    """All kinds of viewers."""
    key = Viewer(api_key_id=7, roles={case.lessor_id: frozenset()})
    lease = case.till.stage.lease
    return {**lease.everybody, "platform": case.platform, "system": SYSTEM,
        "key": key, "nobody": ANONYMOUS,
    }  # fmt: skip


SEES = {"driver", "owner", "operator", "platform", "system"}


async def test_lists_and_single_rows_are_for_the_same_people(case: Case) -> None:
    [charge] = await find_charges(SYSTEM, MoneyFilter(), limit=10)
    for name, viewer in everybody(case).items():
        one = await settlements_by_id(viewer, [case.settlement_id])
        listed = await find_settlements(viewer, MoneyFilter(), limit=10)
        assert (case.settlement_id in one) == (name in SEES) == bool(listed), name
        bill = await charges_by_id(viewer, [charge.id])
        listed_bills = await find_charges(viewer, MoneyFilter(), limit=10)
        assert bool(bill) == (name in SEES) == bool(listed_bills), name


async def test_who_holds_the_link_sees_this_bookings_money_and_no_list(case: Case) -> None:
    person = case.driver.person_id
    for booking, sees in ((case.reservation_id, True), (case.reservation_id + 1, False)):
        holder = Viewer(person_id=person, link_of=booking)
        found = await settlements_by_id(holder, [case.settlement_id])
        assert (case.settlement_id in found) == sees
        assert await find_settlements(holder, MoneyFilter(), limit=10) == []
        assert await own_wallets(holder) == []


async def test_an_export_is_all_of_it_whatever_the_size_of_a_page(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    for start in (3, 6, 9):
        await case.till.cancel(await case.till.book(start, start + 2))
    await case.till.settle()
    monkeypatch.setattr(queries, "EXPORT_PAGE_ROWS", 2)
    monkeypatch.setattr(statements, "LINES_MAX", 3)
    wanted = MoneyFilter(organisation_id=case.lessor_id)
    found = [each async for each in settlements_of_period(case.owner, wanted)]
    assert [each.id for each in found] == sorted((each.id for each in found), reverse=True)
    assert len(found) == 4
    assert case.driver.person_id is not None
    wallet = driver(case.driver.person_id, "EUR")
    lines = [each async for each in lines_of_period(wallet, ALWAYS)]
    [mine] = await own_wallets(case.driver)
    assert sum(line.amount_minor for line in lines) == mine.balance_minor == lines[-1].balance_minor
    assert len(lines) > 3


async def test_earnings_are_what_is_owed_and_both_are_the_organisations_own(case: Case) -> None:
    for name, viewer in everybody(case).items():
        if name in {"owner", "platform", "system"}:
            [earned] = await earnings(viewer, case.lessor_id, FIRST, UNTIL, Every.DAY)
            [owed] = await owed_to(viewer, case.lessor_id)
            assert earned.time_zone == "Europe/Berlin", "the place's, without payout terms"
            assert earned.total.earned_minor == owed.owner_minor == 300
            assert (len(earned.buckets), earned.total.bookings) == (31, 1)
        else:
            with pytest.raises(NotFound):
                await earnings(viewer, case.lessor_id, FIRST, UNTIL, Every.DAY)
            with pytest.raises(NotFound):
                account_of(viewer, case.lessor_id, OrganisationAccount.OWNER, "EUR")


async def test_the_days_close_and_the_totals_have_their_readers(case: Case) -> None:
    place_id, now = case.till.stage.lease.estate.place_id, case.clock.now()
    for name, viewer in everybody(case).items():
        close = await daily_close(viewer, place_id, now.date())
        assert (close is not None) == (name in {"operator", "platform", "system"}), name
        assert close is None or close.sums.gross_minor == 400
        totals = await platform_totals(viewer, FIRST, UNTIL, Every.WEEK)
        assert (totals is not None) == (name in {"platform", "system"}), name
    with pytest.raises(InvalidInput):
        await platform_totals(SYSTEM, UNTIL, FIRST, Every.DAY)
    assert await daily_close(SYSTEM, place_id + 999, now.date()) is None


async def test_everybodys_contract_is_everybodys_the_others_are_whose_they_are(case: Case) -> None:
    place_id, lessor_id = case.till.stage.lease.estate.place_id, case.lessor_id
    scopes = {"all": (None, None), "lessor": (lessor_id, None), "place": (None, place_id)}
    made = {
        name: await set_fee_contract(case.platform, *scope, "{}", clock=case.clock)
        for name, scope in scopes.items()
    }
    readers = {
        "all": {"driver", "other", "owner", "operator", "attendant", "platform", "system"},
        "lessor": {"owner", "platform", "system"},
        "place": {"operator", "platform", "system"},
    }
    for name, viewer in everybody(case).items():
        found = await contracts_by_id(viewer, list(made.values()))
        listed = {each.id for each in await find_contracts(viewer, limit=10)} & set(made.values())
        expected = {key for scope, key in made.items() if name in readers[scope]}
        assert set(found) == expected == listed, name


async def test_only_ones_own_is_followed(case: Case) -> None:
    with pytest.raises(NotFound):
        await followed(case.till.stage.lease.other, case.reservation_id)
    with pytest.raises(InvalidInput):
        await followed(case.owner, organisation_id=case.lessor_id, place_id=1)
    with pytest.raises(InvalidInput):
        Span(case.clock.now(), case.clock.now())
