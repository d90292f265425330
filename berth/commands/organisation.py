"""`berth organisation`: who runs places."""

from typing import Annotated, Any

import typer

from berth.console import print_json, print_plain, print_table
from berth.flags import STORE, takes_settings
from berth.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Organisations, and who works for the platform.")
    group.command("add")(add)
    group.command("list")(list_command)
    group.command("platform")(platform)
    group.command("credit")(credit)
    group.command("paid")(paid)
    app.add_typer(group, name="organisation", rich_help_panel="Data")


@takes_settings(*STORE)
def add(
    settings: Settings,
    name: Annotated[str, typer.Argument(help="Its name.")],
    operator: Annotated[
        str, typer.Option(help="E-mail address or phone number of its first OPERATOR.")
    ],
    json: Json = False,
) -> None:
    """Make an organisation; its first operator then signs in and invites the others."""
    from berth.opening import with_database
    from berth.organisations import make_organisation

    made = with_database(settings, lambda: make_organisation(name, operator))
    if json:
        print_json({"id": made, "name": name, "operator": operator})
    else:
        print_plain(f"made organisation {made}: {name}")


@takes_settings(*STORE)
def platform(
    settings: Settings,
    organisation: Annotated[str, typer.Argument(help="The organisation they do it in.")],
    person: Annotated[str, typer.Argument(help="Their e-mail address or phone number.")],
    revoke: Annotated[bool, typer.Option("--revoke", help="They no longer do.")] = False,
) -> None:
    """Let a person work for the platform: decide disputes, set fee contracts, see totals.

    This is the only way to the role PLATFORM: no invitation and no operator gives it.
    """
    from berth.finding import find_organisation
    from berth.opening import with_database
    from berth.organisations import grant_platform, revoke_platform

    async def work() -> None:
        change = revoke_platform if revoke else grant_platform
        await change(await find_organisation(organisation), person)

    with_database(settings, work)
    print_plain(f"{person} {'no longer works' if revoke else 'works'} for the platform")


AMOUNT = typer.Argument(help="In minor units: 5000 is 50.00 EUR.")
CURRENCY = typer.Argument(help="ISO 4217, such as EUR.")


@takes_settings(*STORE)
def credit(
    settings: Settings,
    organisation: Annotated[str, typer.Argument(help="The merchant.")],
    amount_minor: Annotated[int, AMOUNT],
    currency: Annotated[str, CURRENCY],
) -> None:
    """Let a merchant's validations come to so much before it has paid for them. Without it, nothing
    that it promises is paid."""
    from berth.finding import find_organisation
    from berth.opening import with_database
    from parking.accounts.viewer import SYSTEM
    from parking.clock import SystemClock
    from parking.money import Money
    from parking.settlement.merchants import set_merchant_credit

    code = currency.upper()

    async def work() -> None:
        key, given = await find_organisation(organisation), Money(amount_minor, code)
        await set_merchant_credit(SYSTEM, key, given, clock=SystemClock())

    with_database(settings, work)
    print_plain(f"{organisation} may owe up to {amount_minor} minor units of {code}")


@takes_settings(*STORE)
def paid(
    settings: Settings,
    organisation: Annotated[str, typer.Argument(help="The merchant.")],
    amount_minor: Annotated[int, AMOUNT],
    currency: Annotated[str, CURRENCY],
    key: Annotated[
        str,
        typer.Option(
            help="Such as the invoice's number (RI-2026-01-7-EUR): the same again records nothing"
            " more."
        ),
    ],
) -> None:
    """Record that a merchant has paid for its validations (a bank transfer, cash).

    It is recorded against the account external:wallet.
    """
    from berth.finding import find_organisation
    from berth.opening import with_database
    from parking.accounts.viewer import SYSTEM
    from parking.clock import SystemClock
    from parking.money import Money
    from parking.settlement.merchants import record_merchant_payment

    code = currency.upper()

    async def work() -> None:
        merchant_id, given = await find_organisation(organisation), Money(amount_minor, code)
        await record_merchant_payment(SYSTEM, merchant_id, given, key, clock=SystemClock())

    with_database(settings, work)
    print_plain(f"{organisation} has paid {amount_minor} minor units of {code}")


@takes_settings(*STORE)
def list_command(settings: Settings, json: Json = False) -> None:
    """List all organisations."""
    from berth.opening import with_database
    from parking.storage.sql import database

    async def work() -> list[dict[str, Any]]:
        return await database().fetch(
            "SELECT o.id, o.name, (SELECT COUNT(*) FROM place p WHERE p.organisation_id = o.id)"
            " AS places FROM organisation o ORDER BY o.name, o.id"
        )

    found = with_database(settings, work)
    if json:
        print_json(found)
    else:
        rows = [(each["id"], each["name"], each["places"]) for each in found]
        print_table(("id", "name", "places"), rows)
