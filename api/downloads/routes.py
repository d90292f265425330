"""`/csv/…`: tables of money and rights for who brings a token and may see them; to others they are
missing.

A file is sent as it is read. Its first piece is made before the answer begins, so that whoever may
not see it, or asks for nonsense, is told so by the status.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias, TypeVar

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from api.downloads import money, rights
from api.downloads.table import Table, written
from api.pages.asking import Bearers, denied
from parking.accounts.viewer import Viewer
from parking.clock import as_utc
from parking.errors import InvalidInput, NotFound
from parking.places.currencies import CURRENCIES
from parking.settlement.figures.periods import Every
from parking.settlement.figures.statements import OrganisationAccount, Span
from schema.execution import Unauthenticated
from schema.ids import wanted_key

UTC = "UTC"
KEPT_BY_NOBODY = {"Cache-Control": "no-store"}
CSV_TYPE = "text/csv; charset=utf-8; header=present"
T = TypeVar("T", OrganisationAccount, Every)
Making: TypeAlias = Callable[[Viewer, Request], Awaitable[Table]]


@dataclass(frozen=True, slots=True)
class Downloads:
    """The endpoints."""

    bearers: Bearers

    def routes(self) -> list[Route]:
        """One for each table."""
        tables: dict[str, Making] = {
            "wallet": _wallet,
            "organisations/{id:str}/statement": _statement,
            "organisations/{id:str}/settlements": _settlements,
            "organisations/{id:str}/earnings": _earnings,
            "organisations/{id:str}/rights-invoices": _rights_invoices,
            "organisations/{id:str}/redemptions": _issued_redemptions,
            "places/{id:str}/close": _close,
            "places/{id:str}/redemptions": _place_redemptions,
            "platform/totals": _totals,
        }
        return [Route(f"/csv/{path}", self._file(make)) for path, make in tables.items()]

    def _file(self, make: Making) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            try:
                table = await make(await self.bearers.viewer_of(request), request)
                return await _sent(table)
            except Unauthenticated as error:
                return denied(error)
            except NotFound as error:
                return PlainTextResponse(f"{error.message}\n", 404, KEPT_BY_NOBODY)
            except InvalidInput as error:
                return PlainTextResponse(f"{error.message}\n", 400, KEPT_BY_NOBODY)

        return handle


async def _sent(table: Table) -> Response:
    pieces = written(table)
    first = await anext(pieces)
    disposition = f'attachment; filename="{table.name}.csv"'
    headers = {"Content-Disposition": disposition, **KEPT_BY_NOBODY}
    return StreamingResponse(_again(first, pieces), 200, headers, media_type=CSV_TYPE)


async def _again(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


async def _wallet(viewer: Viewer, request: Request) -> Table:
    return money.wallet_table(viewer, _currency(request), _span(request))


async def _statement(viewer: Viewer, request: Request) -> Table:
    key, which = _key(request, "Organisation"), _choice(request, "account", OrganisationAccount)
    return money.statement_table(viewer, key, which, _currency(request), _span(request))


async def _settlements(viewer: Viewer, request: Request) -> Table:
    return money.settlements_table(viewer, _key(request, "Organisation"), _span(request))


async def _earnings(viewer: Viewer, request: Request) -> Table:
    key, every = _key(request, "Organisation"), _choice(request, "by", Every)
    first, until = _day(request, "firstDay"), _day(request, "untilDay")
    zone = request.query_params.get("timeZone")
    return await money.earnings_table(viewer, key, first, until, every, zone)


async def _rights_invoices(viewer: Viewer, request: Request) -> Table:
    return rights.invoices_table(viewer, _key(request, "Organisation"))


async def _issued_redemptions(viewer: Viewer, request: Request) -> Table:
    return rights.issued_redemptions_table(viewer, _key(request, "Organisation"), _span(request))


async def _place_redemptions(viewer: Viewer, request: Request) -> Table:
    return await rights.place_redemptions_table(viewer, _key(request, "Place"), _span(request))


async def _close(viewer: Viewer, request: Request) -> Table:
    return await money.close_table(viewer, _key(request, "Place"), _day(request, "day"))


async def _totals(viewer: Viewer, request: Request) -> Table:
    first, until = _day(request, "firstDay"), _day(request, "untilDay")
    every, zone = _choice(request, "by", Every), request.query_params.get("timeZone", UTC)
    return await money.totals_table(viewer, first, until, every, zone)


def _key(request: Request, type_name: str) -> int:
    """The id in the path. Raises InvalidInput and NotFound."""
    return wanted_key(request.path_params["id"], type_name)


def _currency(request: Request) -> str:
    code = request.query_params.get("currency", "")
    if code not in CURRENCIES:
        raise InvalidInput("currency", f"it is {code!r}; give an ISO 4217 code such as EUR")
    return code


def _choice(request: Request, name: str, kind: type[T]) -> T:
    """One of an enumeration, by default its first."""
    text = request.query_params.get(name, next(iter(kind)))
    try:
        return kind(text)
    except ValueError:
        raise InvalidInput(name, f"it is {text!r}; give one of {', '.join(kind)}") from None


def _day(request: Request, name: str) -> date:
    text = request.query_params.get(name, "")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(name, f"it is {text!r}; give a day such as 2026-01-31") from None


def _span(request: Request) -> Span:
    return Span(_instant(request, "startsAt"), _instant(request, "endsAt"))


def _instant(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        return as_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        wanted = "give an instant such as 2026-01-31T00:00:00Z"
        raise InvalidInput(name, f"it is {text!r}; {wanted}") from None
