"""Who gets what of what a visit cost: a second reckoning, which shares nothing with the domain.
Pure.

Tax is 19 %, contained in every price. Of what is left the place has 5 % and the platform 12.5 %,
each rounded down, and the lessor the rest; of what overstaying brought the platform has 30 %. What
is given back gives back its tax in proportion. Who does not come owes half the price and a fee,
which bears no tax.
"""

from dataclasses import dataclass
from fractions import Fraction

TAX_PERCENT = 19
PLATFORM_POINTS = 1250
PROPERTY_POINTS = 500
OVERSTAY_PLATFORM_POINTS = 3000
"""Of 10,000."""
NO_SHOW_PERCENT = 50
NO_SHOW_FEE_MINOR = 150
WHOLE_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Divided:
    """The parts of a cost, in minor units."""

    owner_minor: int = 0
    property_minor: int = 0
    platform_minor: int = 0
    tax_minor: int = 0

    @property
    def cost_minor(self) -> int:
        """All of it."""
        return self.owner_minor + self.property_minor + self.platform_minor + self.tax_minor


def used(price_minor: int, given_back_minor: int, overstay_minor: int) -> Divided:
    """Of a stay."""
    tax = _in_proportion(_contained(price_minor), price_minor - given_back_minor, price_minor)
    late_tax = _contained(overstay_minor)
    net = price_minor - given_back_minor - tax
    return _divided(net, overstay_minor - late_tax, tax + late_tax)


def missed(price_minor: int) -> Divided:
    """Of a booking whose driver did not come."""
    due = price_minor * NO_SHOW_PERCENT // 100
    tax = _in_proportion(_contained(price_minor), due, price_minor)
    return _divided(due + NO_SHOW_FEE_MINOR - tax, 0, tax)


def _divided(net: int, late: int, tax: int) -> Divided:
    platform = net * PLATFORM_POINTS // WHOLE_POINTS
    platform += late * OVERSTAY_PLATFORM_POINTS // WHOLE_POINTS
    building = net * PROPERTY_POINTS // WHOLE_POINTS
    return Divided(net + late - platform - building, building, platform, tax)


def _contained(amount: int) -> int:
    return _nearest(Fraction(amount * TAX_PERCENT, 100 + TAX_PERCENT))


def _in_proportion(tax: int, due: int, price: int) -> int:
    return _nearest(Fraction(tax * due, price)) if price else 0


def _nearest(value: Fraction) -> int:
    """Halves upwards."""
    return int(value + Fraction(1, 2))
