"""Looking at an installation: each check says how it is and what to do about it."""

import platform
import resource
import shutil
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import Enum
from importlib import metadata
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from berth.secret import SECRET_FILE
from berth.setting_checks import SettingInvalid
from berth.settings import SETTINGS, Settings, read_settings, unknown_variables

PYTHON_MIN = (3, 11)
FREE_BYTES_WARN = 1024**3
FREE_BYTES_MIN = 100 * 1024**2
OPEN_FILES_WARN = 4096
YEAR_MIN = 2026
DISTRIBUTION = "berth"


class Level(Enum):
    """How a thing is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's: what was looked at, how it is, what to do."""

    name: str
    level: Level
    about: str
    advice: str = ""


def ok(name: str, about: str) -> Finding:
    """All is well."""
    return Finding(name, Level.OK, about)


def warn(name: str, about: str, advice: str) -> Finding:
    """It works, but not well."""
    return Finding(name, Level.WARN, about, advice)


def fail(name: str, about: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(name, Level.FAIL, about, advice)


def look_at_python() -> Finding:
    """The interpreter."""
    if sys.version_info < PYTHON_MIN:
        return fail("python", platform.python_version(), "install Python 3.11 or newer")
    return ok("python", f"{platform.python_version()} on {platform.system()}")


def look_at_dependencies() -> Finding:
    """Whether what is installed is what this version asks for."""
    try:
        wanted = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return warn(
            "dependencies", "Berth itself is not installed here", "run: pip install --editable ."
        )
    wrong = [told for told in map(_unmet, wanted) if told]
    if wrong:
        return fail("dependencies", "; ".join(wrong), "run: pip install -r requirements.txt")
    return ok("dependencies", f"{len(wanted)} packages as required")


def _unmet(requirement: str) -> str | None:
    """What is wrong with one requirement (PEP 508, of the simple kinds that we use)."""
    text = requirement.partition(";")[0].strip()
    name, operator, minimum = _split(text)
    try:
        present = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} is missing"
    if operator == "==" and present != minimum:
        return f"{name} is {present}, {minimum} is needed"
    if operator == ">=" and _numbers(present) < _numbers(minimum):
        return f"{name} is {present}, {minimum} or newer is needed"
    return None


def _split(text: str) -> tuple[str, str, str]:
    for operator in ("==", ">="):
        name, found, version = text.partition(operator)
        if found:
            return name.partition("[")[0].strip(), operator, version.strip()
    return text.partition("[")[0].strip(), "", ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def look_at_variables(environ: Mapping[str, str]) -> Finding:
    """Variables that begin like settings and are none."""
    known = [setting.variable for setting in SETTINGS]
    strange = unknown_variables(environ)
    if not strange:
        given = sum(name in environ for name in known)
        return ok("settings", f"{given} of {len(known)} are given, all are usable")
    hints = [(name, get_close_matches(name, known, 1)) for name in strange]
    told = ", ".join(f"{name} (did you mean {near[0]}?)" if near else name for name, near in hints)
    return warn("settings", f"not a setting: {told}", "`berth settings` shows all settings")


def look_at_time() -> Finding:
    """The clock and the time zones."""
    year = datetime.now(UTC).year
    if year < YEAR_MIN:
        return fail("clock", f"it says {year}", "set the clock; tokens and history depend on it")
    try:
        ZoneInfo("Asia/Shanghai")
    except ZoneInfoNotFoundError:
        return fail("clock", "there are no time zones", "run: pip install tzdata")
    return ok("clock", datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ"))


def look_at_open_files() -> Finding:
    """Every subscriber is an open file."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < OPEN_FILES_WARN:
        advice = "raise the limit (ulimit -n 65536) before thousands of subscribers come"
        return warn("open files", f"at most {soft}", advice)
    return ok("open files", f"at most {'any number' if soft < 0 else soft}")


def look_at_data_dir(settings: Settings) -> Iterator[Finding]:
    """The data directory, what lies in it, and the room that is left."""
    path = settings.data_dir
    nearest = next(each for each in (path, *path.parents) if each.exists())
    if not path.is_dir():
        yield _missing_data_dir(settings, path, nearest)
    elif problem := _permissions(path):
        yield problem
    else:
        yield ok("data directory", str(path))
    if nearest.is_dir():
        yield _room(nearest)


def _missing_data_dir(settings: Settings, path: Path, nearest: Path) -> Finding:
    import os

    if nearest.is_dir() and os.access(nearest, os.W_OK):
        about = f"{path} does not exist yet"
        if settings.is_embedded:
            return warn("data directory", about, "`berth up` or `berth migrate` makes it")
        return ok("data directory", f"{about}; it is not needed")
    advice = "set BERTH_DATA_DIR to a directory that can be written"
    return fail("data directory", f"{path} cannot be made", advice)


def _permissions(path: Path) -> Finding | None:
    import os

    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        advice = f"chown it to the user that runs Berth: chown -R $USER {path}"
        return fail("data directory", f"{path} cannot be read and written", advice)
    for each in (path, path / SECRET_FILE):
        if each.exists() and each.stat().st_mode & 0o077:
            advice = f"run: chmod go-rwx {each}"
            return warn("data directory", f"{each} can be read by other users", advice)
    return None


def _room(path: Path) -> Finding:
    free = shutil.disk_usage(path).free
    about = f"{free / 1024**3:.1f} GiB free"
    if free < FREE_BYTES_MIN:
        return fail("disk", about, "make room: a full disk stops every write")
    if free < FREE_BYTES_WARN:
        return warn("disk", about, "make room soon")
    return ok("disk", about)


def settings_or_finding(
    environ: Mapping[str, str], flags: Mapping[str, str | None]
) -> Settings | Finding:
    """The settings, or what is wrong with them."""
    try:
        return read_settings(environ, flags)
    except SettingInvalid as error:
        return fail("settings", error.message, "`berth settings` shows all settings")


async def examine(settings: Settings, environ: Mapping[str, str]) -> AsyncIterator[Finding]:
    """All checks, one after the other."""
    from berth.doctoring_services import look_at_services

    yield look_at_python()
    yield look_at_dependencies()
    yield look_at_variables(environ)
    yield look_at_time()
    yield look_at_open_files()
    for finding in look_at_data_dir(settings):
        yield finding
    async for finding in look_at_services(settings):
        yield finding
