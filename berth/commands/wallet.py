"""`berth wallet`: money into people's wallets."""

from typing import Annotated

import typer

from berth.console import print_json, print_plain
from berth.flags import STORE, takes_settings
from berth.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Fill people's wallets.")
    group.callback()(_group)
    group.command("top-up")(top_up)
    app.add_typer(group, name="wallet", rich_help_panel="Data")


def _group() -> None:
    """Fill people's wallets."""


@takes_settings(*STORE)
def top_up(
    settings: Settings,
    who: Annotated[
        str,
        typer.Argument(
            help="A demo role (such as driver), or somebody's e-mail address or phone number.",
            metavar="PERSON",
        ),
    ],
    amount_minor: Annotated[
        int, typer.Argument(help="In minor units: 5000 is 50.00 EUR.", metavar="AMOUNT")
    ],
    currency: Annotated[str, typer.Argument(help="ISO 4217, such as EUR.")],
    key: Annotated[
        str, typer.Option(help="The same key again puts nothing in twice. Default: a fresh one.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Put money that was paid otherwise (cash, a bank transfer) into a person's wallet.

    It is recorded against the account external:wallet; debts are paid from it first.
    """
    from berth.opening import with_database
    from berth.wallets import fill_wallet

    code = currency.upper()
    left = with_database(settings, lambda: fill_wallet(settings, who, amount_minor, code, key))
    if json:
        print_json({"availableMinor": left, "currency": code})
    else:
        print_plain(f"{left} minor units of {code} are in the wallet now")
