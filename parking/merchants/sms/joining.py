"""Parts of a long message, put together. Pure."""

from collections.abc import Sequence

from parking.merchants.sms.messages import PartRow


def joined(parts: Sequence[PartRow]) -> str | None:
    """The text of all parts, in their order; None while one is missing. Of a part that came twice
    the newer one counts: its reference has been used again."""
    by_number = {part.number: part for part in parts}
    total = parts[0].total if parts else 0
    if not total or set(by_number) != set(range(1, total + 1)):
        return None
    return "".join(by_number[number].text for number in range(1, total + 1))


def joined_id(parts: Sequence[PartRow]) -> str:
    """The id of the whole: that of the part that came first, so that it is made once."""
    return f"joined:{min(parts, key=lambda part: part.id).provider_id}"
