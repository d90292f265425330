"""The installation's secret key: given, or generated once and kept in the data directory."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from berth.settings import Settings
from parking.accounts.keys import SECRET_CHARACTERS_MIN
from parking.errors import BerthError

SECRET_FILE = "secret.key"  # noqa: S105 - a file name
SECRET_BYTES = 48
PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700


class DataDirUnusable(BerthError):
    """The data directory cannot be made, read or written."""

    code = "DATA_DIR_UNUSABLE"


class SecretUnusable(BerthError):
    """The kept secret key cannot be used."""

    code = "SECRET_UNUSABLE"


def secret_of(settings: Settings) -> str:
    """The secret key: `BERTH_SECRET_KEY`, or the kept one, which is made when there is none.

    Raises `DataDirUnusable` or `SecretUnusable`.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    path = ensure_data_dir(settings) / SECRET_FILE
    try:
        if not path.exists():
            _generate(path)
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretUnusable(f"the secret key in {path} cannot be read: {error}") from error
    if len(secret) < SECRET_CHARACTERS_MIN:
        raise SecretUnusable(
            f"{path} holds no secret key of at least {SECRET_CHARACTERS_MIN} characters; restore "
            "it from a backup (without it, devices must be provisioned again and everybody signs "
            "in again), or delete it to have a new one made"
        )
    return secret


def ensure_data_dir(settings: Settings) -> Path:
    """The data directory, made if need be, readable by its owner only. Raises `DataDirUnusable`."""
    path = settings.data_dir
    try:
        path.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    except OSError as error:
        raise DataDirUnusable(
            f"the data directory {path} cannot be made ({error.strerror}); "
            "set BERTH_DATA_DIR to a directory that can be written"
        ) from error
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise DataDirUnusable(
            f"the data directory {path} cannot be written; "
            "set BERTH_DATA_DIR to a directory that can be"
        )
    return path


def _generate(path: Path) -> None:
    """Write a new key so that of several processes starting at once all read the same one."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
