"""Windows from callers' times."""

from datetime import UTC, datetime

import pytest

from parking.errors import InvalidInput
from parking.windows import Window, window_of

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_a_window_is_in_utc() -> None:
    assert window_of(NOON, NOON.replace(hour=13)) == Window(NOON, NOON.replace(hour=13))


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        (NOON, NOON),
        (NOON, NOON.replace(hour=11)),
        (NOON, datetime.max.replace(tzinfo=UTC)),
        (datetime.min.replace(tzinfo=UTC), NOON),
        (NOON, NOON.replace(year=2200)),
    ],
)
def test_one_that_is_empty_or_of_another_age_is_refused(
    starts_at: datetime, ends_at: datetime
) -> None:
    with pytest.raises(InvalidInput) as refused:
        window_of(starts_at, ends_at, "endsAt")
    assert refused.value.field == "endsAt"
