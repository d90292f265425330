"""Both stores keep, give and let go: a directory, and an S3-compatible server."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from parking.locations.photos.objects import Bucket, bucket_photos, local_photos
from parking.locations.photos.port import PhotoStore, PhotoStoreDown

KEY = "ab12cd"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server with a bucket `pictures`."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    httpx.put(f"{address}/pictures").raise_for_status()
    yield address
    server.stop()


def bucket(address: str, name: str = "pictures") -> PhotoStore:
    return bucket_photos(
        Bucket(name, prefix="berth/cars", endpoint=address, key_id="key", secret="secret")
    )


@pytest.fixture(params=["directory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStore:
    if request.param == "directory":
        return local_photos(tmp_path / "photos")
    return bucket(request.getfixturevalue("s3"))


async def test_what_is_put_is_got_until_it_is_erased(store: PhotoStore) -> None:
    assert await store.get(KEY) is None
    await store.put(KEY, b"picture")
    await store.put(KEY, b"another")
    assert await store.get(KEY) == b"another"
    await store.erase(KEY)
    assert await store.get(KEY) is None
    await store.erase(KEY)


async def test_a_picture_in_a_bucket_is_for_who_has_its_key(s3: str) -> None:
    await bucket(s3).put(KEY, b"picture")
    async with httpx.AsyncClient() as stranger:
        seen = await stranger.get(f"{s3}/pictures/berth/cars/ab/{KEY}.jpg")
    assert (seen.status_code, b"picture" in seen.content) == (403, False)


async def test_a_directory_is_made_with_the_first(tmp_path: Path) -> None:
    await local_photos(tmp_path / "deep" / "photos").put(KEY, b"picture")
    assert (tmp_path / "deep" / "photos" / "ab" / f"{KEY}.jpg").read_bytes() == b"picture"


async def test_a_bucket_that_is_not_there_is_named(s3: str) -> None:
    with pytest.raises(PhotoStoreDown, match="missing"):
        await bucket(s3, "missing").put(KEY, b"picture")


async def test_a_server_that_is_away() -> None:
    with pytest.raises(PhotoStoreDown):
        await bucket("http://127.0.0.1:1").put(KEY, b"picture")


async def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "photos").write_text("a file")
    with pytest.raises(PhotoStoreDown):
        await local_photos(tmp_path / "photos").put(KEY, b"picture")
