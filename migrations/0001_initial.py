"""The first tables, one file of statements for each noun, lowest first."""

from pathlib import Path

from migrations import _operations as operations

NOUNS = (
    "notices",
    "ledger",
    "accounts",
    "places",
    "devices",
    "vehicles",
    "occupancy",
    "events",
    "rates",
    "listings",
    "reservations",
    "access",
    "sessions",
    "settlement",
    "rights",
    "merchants",
    "sms",
    "reminders",
    "locations",
)


def _statements(dialect: str = "") -> list[str]:
    """Those that both dialects understand, or those of one."""
    folder = Path(__file__).with_name("initial")
    files = [folder / f"{noun}{dialect}.sql" for noun in NOUNS]
    return [text for file in files if file.exists() for text in operations.statements_in(file)]


class Migration(operations.Migration):
    """Everything that Berth 0.1 keeps."""

    initial = True
    operations = [
        operations.Statements(
            _statements(), sqlite=_statements(".sqlite"), postgres=_statements(".postgres")
        )
    ]
