"""`/`: the live dashboard."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

TEMPLATE = Path(__file__).parent.parent / "templates" / "dashboard.html"


async def dashboard(_: Request) -> FileResponse:
    """The shell; all it shows comes from the GraphQL schema."""
    return FileResponse(TEMPLATE, media_type="text/html; charset=utf-8")


routes = [Route("/", dashboard, name="dashboard")]
