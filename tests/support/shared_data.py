"""Real data that lies beside the checkout (`../shared/data`); never copied into the project."""

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data"
FOLDER = Path(os.environ.get("BERTH_SHARED_DATA") or BESIDE)
"""Beside the checkout, or where BERTH_SHARED_DATA says."""


def shared_data(name: str) -> Path:
    """The file or folder of that name; the test is left out, with a word, where there is none."""
    path = FOLDER / name
    if not path.exists():
        message = f"the real data ../shared/data/{name} is not here"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{message}, and with CI=true nothing is left out")
        pytest.skip(message)
    return path


def required_data(name: str) -> Path:
    """The file or folder of that name; a test that proves something with it fails without it."""
    path = FOLDER / name
    if not path.exists():
        pytest.fail(
            f"the real data ../shared/data/{name} is not here; put it there, or name its folder "
            "with BERTH_SHARED_DATA"
        )
    return path
