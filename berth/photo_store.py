"""The store of photos that the settings ask for."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from berth.settings import Settings
from parking.locations.photos.port import PhotoStore

PHOTOS_DIRECTORY = "photos"


def make_photo_store(settings: Settings) -> PhotoStore | None:
    """A directory, a bucket, or None where neither is set and processes on several machines would
    each have a directory of their own. Nothing is opened yet."""
    from parking.locations.photos.objects import REGION_DEFAULT, Bucket, bucket_photos, local_photos

    if settings.photos_url is None:
        is_ours = settings.is_embedded
        return local_photos(settings.data_dir / PHOTOS_DIRECTORY) if is_ours else None
    parts = urlsplit(settings.photos_url)
    if parts.scheme == "file":
        return local_photos(Path(unquote(parts.path)))
    said = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return bucket_photos(
        Bucket(
            name=parts.netloc,
            prefix=unquote(parts.path).strip("/"),
            endpoint=said.get("endpoint"),
            region=said.get("region", REGION_DEFAULT),
            key_id=settings.photos_key_id,
            secret=settings.photos_secret,
        )
    )
