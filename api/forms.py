"""What a browser's form sends, and whether it comes from our own page."""

from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from parking.errors import BerthError

FORM_BYTES_MAX = 4096
FIELDS_MAX = 10
FORM_TYPE = "application/x-www-form-urlencoded"


class FormUnusable(BerthError):
    """The body is not a form that we sent, or is too large."""

    code = "FORM_UNUSABLE"


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a URL-encoded form of at most `FORM_BYTES_MAX` bytes. Raises `FormUnusable`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise FormUnusable(f"expected a body of type {FORM_TYPE}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES_MAX:
            raise FormUnusable(f"the form is larger than {FORM_BYTES_MAX} bytes")
    try:
        fields = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX
        )
    except ValueError as error:
        raise FormUnusable("the form is not URL-encoded UTF-8 with few fields") from error
    return dict(fields)


def is_same_origin(request: Request) -> bool:
    """Whether a POST comes from a page of ours, or from no page at all (a command line).

    Every browser names the page's origin with a POST; newer ones say `Sec-Fetch-Site` besides.
    Hosts are compared without the scheme, which a proxy that ends TLS hides from us.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in (None, "same-origin", "none"):
        return False
    return origin is None or _host_of(origin) == request.headers.get("host")


def _host_of(origin: str) -> str | None:
    """Host and port of an origin; None for what is none, such as a bracket left open."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def safe_next(text: str) -> str:
    """A path of ours to go on to; anything that could lead elsewhere becomes `/`."""
    leads_elsewhere = not text.startswith("/") or text.startswith("//") or "\\" in text
    return "/" if leads_elsewhere or not text.isprintable() else text
