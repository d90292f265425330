"""`/b/{token}/agreement` and `.pdf`: what both sides agreed to, to read, print and keep."""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.agreements.pdf import pdf_of
from api.agreements.reading import sheet_of
from api.agreements.sheet import Sheet
from api.html import render
from api.pages import booking_operations as operations
from api.pages.asking import Asking, Data
from api.pages.booking import (
    LINK_HEADERS,
    link_of,
    missing,
    page_language,
    page_values,
    sheet_links,
)
from api.pages.booking_words import Words
from schema.ids import parse_id


@dataclass(frozen=True, slots=True)
class AgreementPages:
    """The endpoints."""

    asking: Asking

    def routes(self) -> list[Route]:
        """The page and the PDF."""
        return [
            Route("/b/{token:str}/agreement", self.show, methods=["GET"], name="agreement"),
            Route("/b/{token:str}/agreement.pdf", self.download, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The agreement as a page."""
        sheet = await self._sheet(request)
        if sheet is None:
            return missing(request)
        values = page_values(request, Words.of(page_language(request)))
        values |= sheet_links(link_of(request), "agreement", values["asked_language"])
        return render("sheet.html", LINK_HEADERS, **values, sheet=sheet)

    async def download(self, request: Request) -> Response:
        """The agreement as PDF."""
        sheet = await self._sheet(request)
        if sheet is None:
            return missing(request)
        written = await asyncio.to_thread(pdf_of, sheet)
        disposition = 'inline; filename="agreement.pdf"'
        headers = {**LINK_HEADERS, "Content-Disposition": disposition}
        return Response(written, media_type="application/pdf", headers=headers)

    async def _sheet(self, request: Request) -> Sheet | None:
        variables = {"token": request.path_params["token"]}
        booking: Data | None = await self.asking.ask(request, operations.AGREEMENT, variables)
        if booking is None or booking["agreement"] is None:
            return None
        _, number = parse_id(booking["reservationId"]) or ("", 0)
        return sheet_of(booking["agreement"], str(number), page_language(request))
