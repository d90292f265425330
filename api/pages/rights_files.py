"""`/rights/codes/{id}/sheet.{svg,png,pdf}`, the same for `/rights/exits/{id}`, and
`/rights/sheets.pdf` for a print run: codes on paper, for who brings a token and may see them.

What is printed stays on walls for years, so a code that grants nothing any more, or whose picture
changes by the minute, is not printed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.languages import language_of
from api.pages.asking import Asking, Bearers, Data, denied
from api.sheets.drawing import Drawing
from api.sheets.layout import Size, draw
from api.sheets.notice import notice_of
from api.sheets.pdf import pdf_of
from api.sheets.png import DPI, DPI_DEFAULT, png_of
from api.sheets.reading import CODES, facts_of, is_over, is_shown_only
from api.sheets.svg import svg_of
from parking.errors import BerthError, Conflict, InvalidInput, NotFound
from schema.context import Asker
from schema.execution import Unauthenticated

SHEETS_MAX = 500
"""Codes or copies in one file: a print run."""
IDS_AT_ONCE = 100
"""As many as the schema gives at once."""
BODY_BYTES_MAX = 64_000
NOT_KEPT: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
TYPES: Final = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}
STATUS: Final = {NotFound: 404, InvalidInput: 400, Conflict: 409}
Handler: TypeAlias = Callable[[Request, Asker], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class RightsFiles:
    """The endpoints. `public_url` is where everybody reaches this Berth; without one, what is
    printed leads to where whoever prints it has come by."""

    asking: Asking
    bearers: Bearers
    public_url: str | None = None

    def routes(self) -> list[Route]:
        """One code in three forms, many in one."""
        sheet = "sheet.{form:str}"
        return [
            Route(f"/rights/codes/{{id:str}}/{sheet}", self._by_token(self.code)),
            Route(f"/rights/exits/{{id:str}}/{sheet}", self._by_token(self.exit)),
            Route("/rights/sheets.pdf", self._by_token(self.run), methods=["POST"]),
        ]

    async def code(self, request: Request, asker: Asker) -> Response:
        """One grant code."""
        return await self._one(request, asker, "GrantCode")

    async def exit(self, request: Request, asker: Asker) -> Response:
        """One exit code."""
        return await self._one(request, asker, "ExitCode")

    async def run(self, request: Request, asker: Asker) -> Response:
        """Many codes, in the order in which they are named, as one PDF."""
        ids, size = await _run_wanted(request)
        nodes: list[Data] = []
        for start in range(0, len(ids), IDS_AT_ONCE):
            nodes += await self._nodes(asker, ids[start : start + IDS_AT_ONCE])
        drawings = [self._draw(request, node, size) for node in nodes]
        return _file(await asyncio.to_thread(lambda: pdf_of((d() for d in drawings), size)),
                     "pdf", "codes")  # fmt: skip

    async def _one(self, request: Request, asker: Asker, noun: str) -> Response:
        form, size = request.path_params["form"], _size(request.query_params.get("size", Size.A4))
        if form not in TYPES:
            raise NotFound("there is no such form; ask for svg, png or pdf")
        dpi = _number(request, "dpi", DPI_DEFAULT, DPI)
        copies = _number(request, "copies", 1, range(1, SHEETS_MAX + 1))
        [node] = await self._nodes(asker, [request.path_params["id"]])
        if node["__typename"] != noun:
            raise NotFound("there is no such code")
        drawn = self._draw(request, node, size)
        written = await asyncio.to_thread(_written, drawn, form, size, dpi, copies)
        return _file(written, form, _name(node))

    def _draw(self, request: Request, node: Data, size: Size) -> Callable[[], Drawing]:
        """How the sheet is drawn; that takes some time, and is done in a thread."""
        language = language_of(request, request.query_params.get("lang"))
        base = self.public_url or str(request.base_url).rstrip("/")
        notice = notice_of(facts_of(node), base, language)
        return lambda: draw(notice, size)

    async def _nodes(self, asker: Asker, ids: Sequence[str]) -> list[Data]:
        """The codes. Raises NotFound, and Conflict for what is not to be printed."""
        found: list[Data | None] = await self.asking.ask_as(asker, CODES, {"ids": list(ids)})
        return [_printable(node) for node in found]

    def _by_token(self, handle: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                asker = await self.bearers.asker_of(request)
                if asker is None:
                    raise Unauthenticated("send an access token as `Authorization: Bearer …`")
                return await handle(request, asker)
            except Unauthenticated as error:
                return denied(error)
            except (NotFound, InvalidInput, Conflict) as error:
                return _refused(error)

        return answer


def _refused(error: BerthError) -> Response:
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    return PlainTextResponse(f"{error.message}\n", status, NOT_KEPT)


def _printable(node: Data | None) -> Data:
    if node is None or node["__typename"] not in ("GrantCode", "ExitCode"):
        raise NotFound("there is no such code")
    if is_shown_only(node):
        message = "this code changes by the minute; show it at /counter on a screen instead"
        raise Conflict(message, code="CODE_ROTATES")
    if is_over(node):
        raise Conflict("this code grants nothing any more; print another", code="CODE_OVER")
    return node


def _written(drawn: Callable[[], Drawing], form: str, size: Size, dpi: int, copies: int) -> bytes:
    drawing = drawn()
    if form == "pdf":
        return pdf_of([drawing] * copies, size)
    return svg_of(drawing) if form == "svg" else png_of(drawing, dpi)


def _file(written: bytes, form: str, name: str) -> Response:
    headers = {**NOT_KEPT, "Content-Disposition": f'inline; filename="{name}.{form}"'}
    return Response(written, media_type=TYPES[form], headers=headers)


def _name(node: Data) -> str:
    """Of the file: the end of the public id tells codes apart, and gives none away."""
    noun = "exit" if node["__typename"] == "ExitCode" else "grant"
    return f"{noun}-code-{node['link'][-4:]}"


def _size(text: Any) -> Size:
    try:
        return Size(text)
    except ValueError:
        message = f"it is {text!r}; give one of {', '.join(Size)}"
        raise InvalidInput("size", message) from None


def _number(request: Request, name: str, default: int, allowed: Sequence[int]) -> int:
    text = request.query_params.get(name, str(default))
    if text.isascii() and text.isdecimal() and len(text) < 6 and int(text) in allowed:
        return int(text)
    wanted = (
        f"{allowed[0]} to {allowed[-1]}" if len(allowed) > 2 else " or ".join(map(str, allowed))
    )
    raise InvalidInput(name, f"it is {text!r}; give {wanted}")


async def _run_wanted(request: Request) -> tuple[list[str], Size]:
    """`{"ids": […], "size": "LABEL"}`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise InvalidInput("ids", f"the body is larger than {BODY_BYTES_MAX} bytes")
    try:
        told = orjson.loads(bytes(body))
        ids, size = told["ids"], told.get("size", Size.LABEL)
        is_sound = isinstance(ids, list) and all(isinstance(each, str) for each in ids)
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        is_sound, ids, size = False, [], None
    if not is_sound or not 1 <= len(ids) <= SHEETS_MAX:
        message = f'send {{"ids": […], "size": "LABEL"}} with 1 to {SHEETS_MAX} ids of codes'
        raise InvalidInput("ids", message)
    return ids, _size(size)
