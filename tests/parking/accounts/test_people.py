"""What people say of themselves."""

import pytest

from parking.accounts.people import edit_profile, own_profile
from parking.accounts.viewer import ANONYMOUS, Viewer
from parking.errors import InvalidInput, NotPermitted, Unauthenticated
from tests.support.people import Desk


async def test_a_person_edits_name_and_language(desk: Desk) -> None:
    viewer = await desk.viewer("ada@example.com")
    await edit_profile(viewer, name="Ada", clock=desk.clock)
    after = await edit_profile(viewer, locale="zh-Hans", clock=desk.clock)
    assert (after.name, after.locale) == ("Ada", "zh")
    assert await own_profile(viewer) == after
    assert (await edit_profile(viewer, name="", clock=desk.clock)).name == ""


async def test_an_unknown_language_is_refused(desk: Desk) -> None:
    viewer = await desk.viewer("ada@example.com")
    with pytest.raises(InvalidInput) as refused:
        await edit_profile(viewer, locale="tlh", clock=desk.clock)
    assert refused.value.field == "locale"


@pytest.mark.parametrize(
    ("viewer", "refusal"),
    [
        (ANONYMOUS, Unauthenticated),
        (Viewer(api_key_id=1), NotPermitted),
        (Viewer(person_id=10**6), Unauthenticated),
    ],
)
@pytest.mark.usefixtures("database")
async def test_only_people_have_a_profile(viewer: Viewer, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await own_profile(viewer)
