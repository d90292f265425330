"""Spaces of a place whose source only says how many there are."""

from parking.places.importing.codes import Code
from parking.places.importing.drafts import PlaceDraft, SpaceDraft
from parking.places.importing.problems import Problems
from parking.places.importing.values import shown


def numbered_spaces(place: PlaceDraft, problems: Problems) -> list[SpaceDraft]:
    """The unlisted spaces of a place numbered from 1, with a warning that says so.

    They are written only where the place has no spaces yet, so that numbers painted later stay.
    """
    spaces: list[SpaceDraft] = []
    for group in place.unlisted:
        spaces += [
            SpaceDraft(
                number=str(number),
                where=place.where,
                area=group.area,
                is_ev=group.is_ev,
                is_accessible=group.is_accessible,
                is_numbered_here=True,
            )
            for number in range(len(spaces) + 1, len(spaces) + 1 + group.count)
        ]
    if spaces:
        message = (
            f"place {shown(place.name)} lists none of its {len(spaces)} spaces; "
            f"they are numbered 1 to {len(spaces)}"
        )
        problems.warn(place.where, "number", Code.SPACES_NUMBERED, message)
    return spaces
