"""Server-rendered pages; those under `PAGE_HEADERS` without a single script."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

# `same-origin`, because without a referrer browsers send forms with `Origin: null`.
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, status_code: int = 200, **values: Any) -> HTMLResponse:
    """The template filled in, every value escaped, under the strict `PAGE_HEADERS`."""
    return render(template, PAGE_HEADERS, status_code, **values)


def render(
    template: str, headers: Mapping[str, str], status_code: int = 200, **values: Any
) -> HTMLResponse:
    """The template filled in, every value escaped, under headers of its own."""
    text = _environment.get_template(template).render(values)
    return HTMLResponse(text, status_code, headers)
