"""The command line: `berth`. Each command group is a module of `berth.commands`."""

import importlib
import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from typer.main import get_command

from berth import __version__
from berth.console import print_error, print_plain
from berth.setting_checks import SettingInvalid
from parking.errors import BerthError, InvalidInput

GROUPS = (
    "up",
    "serve",
    "gateway",
    "worker",
    "migrate",
    "seed",
    "token",
    "wallet",
    "organisation",
    "place",
    "device",
    "ledger",
    "simulate",
    "replay",
    "schema",
    "settings",
    "doctor",
)
"""Modules of `berth.commands`, in the order of `berth --help`; each has a `register(app)`."""

FAILED = 1
USAGE = 2
INTERRUPTED = 130


def build_app() -> typer.Typer:
    """The command line with all its groups."""
    app = typer.Typer(
        help="Berth: a shared-parking platform.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for name in GROUPS:
        importlib.import_module(f"berth.commands.{name}").register(app)
    return app


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        print_plain(__version__)
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_show_version,
            is_eager=True,
            help="Print the version and leave.",
        ),
    ] = False,
) -> None:
    """Berth: live parking occupancy from CoAP devices, through one GraphQL schema.

    Settings are BERTH_* environment variables, and flags, which win over them.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its status: 0 done, 1 failed, 2 wrongly called, 130 Ctrl-C."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status. What goes wrong is one sentence on standard error."""
    try:
        status = get_command(build_app()).main(arguments, prog_name="berth", standalone_mode=False)
    except typer.TyperException as error:
        if error.format_message():
            print_error(error.format_message())
        return error.exit_code
    except (SettingInvalid, InvalidInput) as error:
        print_error(error.message)
        return USAGE
    except BerthError as error:
        print_error(error.message)
        return FAILED
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:
        if not _is_of_the_database(error):
            raise
        print_error(f"the database cannot be used ({error}); `berth doctor` tells more")
        return FAILED
    return status if isinstance(status, int) else 0


def _is_of_the_database(error: Exception) -> bool:
    """Whether the database is away or at odds; looked up late, because that takes long to load."""
    from parking.storage.faults import Contended, Unreachable

    return isinstance(error, Contended | Unreachable)
