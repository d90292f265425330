"""What a right may cost its issuer. Pure; integer minor units."""

from parking.rights.kinds import RightKind


def most_minor(kind: RightKind, value: int, *limits_minor: int | None) -> int | None:
    """The most that the issuer pays for one right: the least of the specification's limit, the
    contract's limit and price, and the amount of an AMOUNT. None: nothing limits it.

    So much of the contract's budget is promised while the right may still be used.
    """
    amount = value if kind is RightKind.AMOUNT else None
    return least(amount, *limits_minor)


def least(*limits_minor: int | None) -> int | None:
    """The least limit of those there are."""
    return min((each for each in limits_minor if each is not None), default=None)
