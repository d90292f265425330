"""Money: integer minor units of an ISO 4217 currency; never a float."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """An amount, such as `Money(1250, "EUR")` for 12.50 euro. May be negative."""

    amount_minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        """The sum. Raises ValueError for another currency."""
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """The difference. Raises ValueError for another currency."""
        return Money(self.amount_minor - self._same(other), self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} cannot be reckoned with {self.currency}")
        return other.amount_minor


def split(amount_minor: int, weights: Sequence[int], remainder_to: int) -> list[int]:
    """Parts of an amount in proportion to `weights`, rounded towards zero; what is left goes to
    the part at index `remainder_to`, so that the parts always sum to the whole.

    Raises ValueError when there is no positive weight or one is negative.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError(f"weights {list(weights)} do not divide anything")
    sign = -1 if amount_minor < 0 else 1
    parts = [sign * (abs(amount_minor) * weight // total) for weight in weights]
    parts[remainder_to] += amount_minor - sum(parts)
    return parts
