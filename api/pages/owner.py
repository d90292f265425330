"""`/owner`: listings, bookings and earnings of whoever lets spaces."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

TEMPLATE = Path(__file__).parent.parent / "templates" / "owner.html"


async def owner(_: Request) -> FileResponse:
    """The shell; all it shows comes from the GraphQL schema, for whoever is signed in."""
    return FileResponse(TEMPLATE, media_type="text/html; charset=utf-8")


routes = [Route("/owner", owner, name="owner")]
