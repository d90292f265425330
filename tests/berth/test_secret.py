"""The secret key: generated once, kept private, the same for all."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from berth.secret import DataDirUnusable, SecretUnusable, ensure_data_dir, secret_of
from berth.settings import Settings

LONG = "y" * 40


def test_a_given_key_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert secret_of(Settings(data_dir=folder, secret_key=LONG)) == LONG
    assert not folder.exists()


def test_a_generated_key_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    made = secret_of(settings)
    assert len(made) >= 64
    assert secret_of(settings) == made
    assert (settings.data_dir / "secret.key").stat().st_mode & 0o777 == 0o600
    assert settings.data_dir.stat().st_mode & 0o777 == 0o700


def test_many_that_start_at_once_get_the_same_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: secret_of(settings), range(64)))
    assert len(made) == 1
    assert [path.name for path in settings.data_dir.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff\xfe" * 40])
def test_a_spoilt_key_is_not_used(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(content)
    with pytest.raises(SecretUnusable, match="secret"):
        secret_of(Settings(data_dir=tmp_path))


def test_a_data_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataDirUnusable, match="set BERTH_DATA_DIR"):
        ensure_data_dir(Settings(data_dir=tmp_path / "file" / "data"))
