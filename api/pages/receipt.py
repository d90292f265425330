"""`/b/{token}/receipt` and `/receipts/{number}`, each also as `.pdf` and `.json`: the bill of a
booking with what was credited of it.

The first is for whoever has the booking's link. The second is for whoever may see the charge record
and brings a token; a browser gets a page that fetches itself again with the token it has. The data
is the record's body as it was issued, byte by byte, so that its digest can be checked.
"""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.agreements.pdf import pdf_of
from api.agreements.sheet import Sheet
from api.html import render
from api.languages import number_locale_of
from api.pages import booking_operations as operations
from api.pages.asking import Asking, Bearers, Data, denied
from api.pages.booking import (
    LINK_HEADERS,
    link_of,
    missing,
    page_language,
    page_values,
    sheet_links,
)
from api.pages.booking_words import Words
from api.receipts.reading import sheet_of
from schema.context import Asker
from schema.execution import Unauthenticated

Records: TypeAlias = Sequence[Data]
Shown: TypeAlias = Callable[[Request, Records], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class ReceiptPages:
    """The endpoints."""

    asking: Asking
    bearers: Bearers

    def routes(self) -> list[Route]:
        """Below a booking's link, and by number."""
        return [
            Route("/b/{token:str}/receipt", self._linked(_linked_page), name="receipt"),
            Route("/b/{token:str}/receipt.pdf", self._linked(_pdf)),
            Route("/b/{token:str}/receipt.json", self._linked(_data)),
            Route("/receipts/{number:str}.pdf", self._numbered(_pdf)),
            Route("/receipts/{number:str}.json", self._numbered(_data)),
            Route("/receipts/{number:str}", self.show, name="charge-record"),
        ]

    async def show(self, request: Request) -> Response:
        """The receipt for who brings a token; for others the page that does so by script."""
        if "authorization" in request.headers:
            return await self._numbered(_numbered_page)(request)
        return render("receipt.html", LINK_HEADERS, **_values(request))

    def _linked(self, show: Shown) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            variables = {"token": request.path_params["token"]}
            booking: Data | None = await self.asking.ask(request, operations.RECEIPTS, variables)
            wanted = _wanted(booking["receipts"] if booking else (), request)
            return await show(request, wanted) if wanted else missing(request)

        return handle

    def _numbered(self, show: Shown) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            try:
                asker = await self.bearers.asker_of(request)
                if asker is None:
                    raise Unauthenticated("send an access token as `Authorization: Bearer …`")
            except Unauthenticated as error:
                return denied(error)
            found = await self._records(asker, request.path_params["number"])
            return await show(request, found) if found else missing(request)

        return handle

    async def _records(self, asker: Asker, number: str) -> Records:
        variables = {"number": number}
        found: Data | None
        found = await self.asking.ask_as(asker, operations.CHARGE_RECORD, variables)
        return [] if found is None else [found, *found["credits"]]


def _wanted(records: Records, request: Request) -> Records:
    """All, or the one that `?number=` names."""
    number = request.query_params.get("number")
    return [each for each in records if number in (None, each["number"])]


def _values(request: Request) -> Data:
    values = page_values(request, Words.of(page_language(request)))
    return {**values, "is_signed": True, "back_path": "", "has_data": True}


async def _linked_page(request: Request, records: Records) -> Response:
    values = page_values(request, Words.of(page_language(request)))
    values |= sheet_links(link_of(request), "receipt", values["asked_language"], has_data=True)
    return render("sheet.html", LINK_HEADERS, **values, sheet=_sheet(request, records))


async def _numbered_page(request: Request, records: Records) -> Response:
    path = f"{request.scope.get('root_path', '')}/receipts/{records[0]['number']}"
    sheet = _sheet(request, records)
    return render("sheet.html", LINK_HEADERS, **_values(request), file_path=path, sheet=sheet)


async def _pdf(request: Request, records: Records) -> Response:
    written = await asyncio.to_thread(pdf_of, _sheet(request, records))
    name = f"receipt-{records[0]['number']}.pdf"
    headers = {**LINK_HEADERS, "Content-Disposition": f'inline; filename="{name}"'}
    return Response(written, media_type="application/pdf", headers=headers)


async def _data(_: Request, records: Records) -> Response:
    """The first record's body, with its digest as RFC 9530 writes it."""
    record = records[0]
    digest = b64encode(bytes.fromhex(record["digest"])).decode()
    headers = {
        **LINK_HEADERS,
        "Content-Disposition": f'inline; filename="receipt-{record["number"]}.json"',
        "Repr-Digest": f"sha-256=:{digest}:",
    }
    return Response(record["body"], media_type="application/json", headers=headers)


def _sheet(request: Request, records: Records) -> Sheet:
    language = page_language(request)
    locale = number_locale_of(request, language, request.query_params.get("lang"))
    return sheet_of(records, language, locale)
