"""Where photos are kept, by what is set."""

from pathlib import Path

import pytest

from berth.photo_store import make_photo_store
from berth.settings import Settings, read_settings

LONG = "a secret that is long enough to derive keys from"


def settings(tmp_path: Path, **variables: str) -> Settings:
    return read_settings({"BERTH_DATA_DIR": str(tmp_path), **variables})


async def test_in_the_data_directory_by_default(tmp_path: Path) -> None:
    store = make_photo_store(settings(tmp_path))
    assert store is not None
    assert list(tmp_path.iterdir()) == [], "nothing is opened before it is needed"
    await store.put("ab12", b"photo")
    assert (tmp_path / "photos" / "ab" / "ab12.jpg").read_bytes() == b"photo"


async def test_in_another_directory(tmp_path: Path) -> None:
    store = make_photo_store(settings(tmp_path, BERTH_PHOTOS_URL=f"file://{tmp_path}/a%20b"))
    assert store is not None
    await store.put("ab12", b"photo")
    assert (tmp_path / "a b" / "ab" / "ab12.jpg").exists()


def test_many_machines_have_none_until_it_is_said(tmp_path: Path) -> None:
    many = {"BERTH_DATABASE_URL": "postgres://db/berth", "BERTH_SECRET_KEY": LONG}
    assert make_photo_store(settings(tmp_path, **many)) is None
    bucket = {"BERTH_PHOTOS_URL": "s3://cars/berth?endpoint=https://s3.example"}
    assert make_photo_store(settings(tmp_path, **many, **bucket)) is not None


@pytest.mark.parametrize("given", ["BERTH_PHOTOS_KEY_ID", "BERTH_PHOTOS_SECRET"])
def test_id_and_secret_belong_together(tmp_path: Path, given: str) -> None:
    with pytest.raises(Exception, match="belong together"):
        settings(tmp_path, **{given: "x"})
