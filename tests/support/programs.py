"""The programs that the tests need beside Python, and where they are. Standard library only."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SEARCHED = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")
CHINESE_FONTS = ("*CJK*", "wqy-*", "*DroidSansFallback*", "*SourceHan*", "*NotoSansSC*")


class ServerMissing(Exception):
    """A program is not installed; the message says what to install."""


@dataclass(frozen=True)
class Need:
    """Something to be installed: the Debian or Ubuntu package that brings it, and how to see it."""

    name: str
    package: str
    is_there: Callable[[], bool]


def find(name: str) -> str | None:
    """The path of a program, also in the folders that are only administrators' by default."""
    return shutil.which(name, path=SEARCHED)


def postgres_program(name: str) -> str:
    """The path of one of PostgreSQL's programs, of the newest version that is installed."""
    packaged = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(packaged, key=lambda path: float(path.parts[-3]), default=None)
    return str(newest) if newest else required(name, "postgresql")


def redis_program() -> str:
    """The path of the Redis server."""
    return required("redis-server", "redis-server")


def chromium() -> str:
    """The path of a Chromium that starts; `BERTH_CHROMIUM` names one explicitly.

    Give it to Playwright as `executable_path`: its own browsers are not downloaded.
    """
    for name in filter(None, (os.environ.get("BERTH_CHROMIUM"), *CHROMIUM_NAMES)):
        path = find(name)
        if path is not None and _starts(path):
            return path
    raise ServerMissing(_sentence("chromium", "chromium"))


def required(name: str, package: str) -> str:
    """The path of a program. Raises `ServerMissing` naming the package that brings it."""
    path = find(name)
    if path is None:
        raise ServerMissing(_sentence(name, package))
    return path


def has_chinese_font() -> bool:
    """Whether Chinese pages can be drawn with glyphs instead of boxes."""
    return any(
        next(Path(folder).expanduser().rglob(pattern), None) is not None
        for folder in FONT_FOLDERS
        for pattern in CHINESE_FONTS
    )


def _sentence(name: str, package: str) -> str:
    return (
        f"{name} is not installed and the tests need it; `make test` installs it where it may, "
        f"or install the package {package} (Debian, Ubuntu: apt-get install {package})"
    )


def _starts(path: str) -> bool:
    # On Ubuntu a program of that name may only say that there is a snap.
    command = [path, "--version"]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


def _finds(look: Callable[[], str]) -> Callable[[], bool]:
    def is_there() -> bool:
        try:
            return bool(look())
        except ServerMissing:
            return False

    return is_there


NEEDS = (
    Need("PostgreSQL server", "postgresql", _finds(lambda: postgres_program("initdb"))),
    Need("Redis server", "redis-server", _finds(redis_program)),
    Need("Chromium", "chromium", _finds(chromium)),
    Need("a Chinese font", "fonts-noto-cjk", has_chinese_font),
)
