"""Pictures in a directory or in an S3-compatible bucket, both by the one client `obstore`."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from parking.locations.photos.port import PhotoStoreDown

JPEG = "image/jpeg"
REGION_DEFAULT = "us-east-1"
REQUEST_TIMEOUT = timedelta(seconds=10)
CONNECT_TIMEOUT = timedelta(seconds=3)
RETRIES_MAX = 2
RETRY_TIMEOUT = timedelta(seconds=8)
SHARD_CHARACTERS = 2
"""So many characters of a key name its directory: no directory holds millions of files."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bucket:
    """An S3-compatible bucket. Without `key_id`, credentials are those of the machine (instance
    profile, web identity); without `endpoint`, it is at AWS in `region`."""

    name: str
    prefix: str = ""
    endpoint: str | None = None
    region: str = REGION_DEFAULT
    key_id: str | None = None
    secret: str | None = field(default=None, repr=False)


class ObjectPhotos:
    """A store of pictures over one of obstore's stores, made at the first use: its threads are not
    to be there before a program forks."""

    def __init__(self, open_store: Callable[[], LocalStore | S3Store], *, is_local: bool) -> None:
        self._open = open_store
        self._is_local = is_local
        self._store: LocalStore | S3Store | None = None

    async def put(self, key: str, data: bytes) -> None:
        # A directory has no room for a content type; a bucket shows it to whoever looks inside.
        attributes = None if self._is_local else {"Content-Type": JPEG}
        try:
            await self._told(obstore.put_async, _path(key), data, attributes=attributes)
        except FileNotFoundError as error:
            raise _down(error) from error

    async def get(self, key: str) -> bytes | None:
        try:
            found = await self._told(obstore.get_async, _path(key))
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None

    async def erase(self, key: str) -> None:
        try:
            await self._told(obstore.delete_async, _path(key))
        except FileNotFoundError:
            return

    async def _told(
        self, verb: Callable[..., Coroutine[Any, Any, T]], *args: Any, **options: Any
    ) -> T:
        try:
            if self._store is None:
                self._store = self._open()
            return await verb(self._store, *args, **options)
        except FileNotFoundError:
            raise
        except (BaseError, OSError) as error:
            raise _down(error) from error


def local_photos(directory: Path) -> ObjectPhotos:
    """Pictures in a directory, which is made when the first comes."""
    return ObjectPhotos(lambda: LocalStore(directory, mkdir=True), is_local=True)


def bucket_photos(bucket: Bucket) -> ObjectPhotos:
    """Pictures in a bucket, which has to be there. Plain HTTP only for an endpoint that says so."""
    return ObjectPhotos(lambda: _bucket(bucket), is_local=False)


def _bucket(bucket: Bucket) -> S3Store:
    config: dict[str, Any] = {"region": bucket.region}
    if bucket.endpoint is not None:
        config |= {"endpoint": bucket.endpoint, "virtual_hosted_style_request": False}
    if bucket.key_id is not None:
        config |= {"access_key_id": bucket.key_id, "secret_access_key": bucket.secret or ""}
    is_plain = (bucket.endpoint or "").startswith("http://")
    return S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        client_options={
            "allow_http": is_plain,
            "timeout": REQUEST_TIMEOUT,
            "connect_timeout": CONNECT_TIMEOUT,
        },
        retry_config={"max_retries": RETRIES_MAX, "retry_timeout": RETRY_TIMEOUT},
        **config,
    )


def _down(error: Exception) -> PhotoStoreDown:
    return PhotoStoreDown(str(error).partition("\n")[0])


def _path(key: str) -> str:
    return f"{key[:SHARD_CHARACTERS]}/{key}.jpg"
