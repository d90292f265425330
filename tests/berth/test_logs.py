"""What is not written down."""

import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from berth.logs import NoLinks
from berth.parts import Part
from berth.settings import Settings
from berth.wiring import build
from tests.berth.test_wiring import settings_of

TOKEN = "aaaaaaaaaaaadorilrwo2riprgvcbuiysi5logbz"


def test_the_log_of_requests_does_not_tell_links() -> None:
    told = (logging.INFO, __file__, 1, '%s - "%s %s HTTP/%s" %d')
    args = ("192.0.2.7:1", "GET", f"/b/{TOKEN}/agreement.pdf?lang=en", "1.1", 200)
    record = logging.getLogger().makeRecord("uvicorn.access", *told, args, None)
    assert NoLinks().filter(record)
    assert record.getMessage() == '192.0.2.7:1 - "GET /b/…/agreement.pdf?lang=en HTTP/1.1" 200'


def test_a_token_is_told_nowhere() -> None:
    told = (logging.INFO, __file__, 1, '%s - "%s %s HTTP/%s" %d')
    short = TOKEN[:28]
    for path, kept in (
        (f"/p/{short}", "/p/…"),
        (f"/i/{short}?lang=en", "/i/…?lang=en"),
        (f"/f/{short}", "/f/…"),
        (
            f"/graphql?variables=%7B%22t%22:%22{short}%22%7D",
            "/graphql?variables=%7B%22t%22:%…%22%7D",
        ),
        ("/positions/photos/" + TOKEN * 2, "/positions/photos/…"),
    ):
        args = ("192.0.2.7:1", "GET", path, "1.1", 200)
        record = logging.getLogger().makeRecord("uvicorn.access", *told, args, None)
        assert NoLinks().filter(record)
        assert f"GET {kept} HTTP" in record.getMessage()


async def look_around(settings: Settings, token: str) -> None:
    """Somebody asks for all pages behind such a token."""
    async with build(settings, {Part.API}) as program:
        client = httpx.AsyncClient(base_url=program.url)
        for path in (f"/{letter}/{token}" for letter in "pif"):
            await client.get(path)
            await client.head(f"{path}?lang=en")
            await client.post(path, data={"shown": "k"})
            await client.get(f"/signin?next={quote(path, safe='')}")
        await client.aclose()


class Kept(logging.Handler):
    """Keeps what is logged; other tests turn loggers of the whole process about."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """What these loggers say from level debug on, whatever others have set."""
    kept, levels = Kept(), dict[logging.Logger, int]()
    for logger in map(logging.getLogger, ("uvicorn.access", "berth", "api", "schema", "parking")):
        monkeypatch.setattr(logger, "handlers", [kept])
        monkeypatch.setattr(logger, "propagate", False)
        levels[logger] = logger.level
        logger.setLevel(logging.DEBUG)
    yield kept
    for logger, level in levels.items():
        logger.setLevel(level)


@pytest.mark.parametrize("is_masked", [True, False])
async def test_at_level_debug_no_page_is_logged_with_its_token(
    sqlite_url: str,
    tmp_path: Path,
    kept: Kept,
    monkeypatch: pytest.MonkeyPatch,
    is_masked: bool,
) -> None:
    """The control, without the filter, shows that requests are logged at all."""
    access, short = logging.getLogger("uvicorn.access"), TOKEN[:28]
    monkeypatch.setattr(access, "filters", [NoLinks()] if is_masked else [])
    await look_around(settings_of(sqlite_url, tmp_path, log_level="debug"), short)
    assert sum('"GET /' in line for line in kept.lines) == 6
    assert any(short in line for line in kept.lines) is not is_masked
