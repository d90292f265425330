"""The first tables, one file of statements for each noun, lowest first."""

from pathlib import Path

from migrations import _operations as operations

NOUNS = ("notices", "accounts", "places", "devices", "occupancy", "events")

_FILES = [Path(__file__).with_name("initial") / f"{noun}.sql" for noun in NOUNS]


class Migration(operations.Migration):
    """Everything that Berth 0.1 keeps."""

    initial = True
    operations = [
        operations.Statements([text for file in _FILES for text in operations.statements_in(file)])
    ]
