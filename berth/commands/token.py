"""`berth token`: an access token for somebody, without a sign-in code."""

from datetime import timedelta
from typing import Annotated

import typer

from berth.console import print_json, print_plain
from berth.flags import STORE, takes_settings
from berth.settings import Settings

LIFETIME_HOURS = 12
HOURS_MAX = 24 * 30


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("token", rich_help_panel="Data")(token)


@takes_settings(*STORE)
def token(
    settings: Settings,
    who: Annotated[
        str,
        typer.Argument(
            help="A demo role (operator, attendant, merchant, owner, driver), or the e-mail "
            "address or phone number of somebody who has an account.",
            metavar="ROLE|ADDRESS",
        ),
    ],
    hours: Annotated[
        int, typer.Option(min=1, max=HOURS_MAX, help="How long it works.")
    ] = LIFETIME_HOURS,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print an access token for a person.

    Whoever may read the database and the secret key may be anybody; nobody else can do this.
    """
    from berth.opening import with_database
    from berth.tokens import token_for
    from parking.clock import rfc3339

    lifetime = timedelta(hours=hours)
    made = with_database(settings, lambda: token_for(settings, who, lifetime))
    if json:
        print_json(
            {
                "accessToken": made.access_token,
                "accessExpiresAt": rfc3339(made.access_expires_at),
                "person": made.person.name,
                "address": made.person.email or made.person.phone,
            }
        )
    else:
        print_plain(made.access_token)
