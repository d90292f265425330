"""A request's body, as long as it is not too long."""

from starlette.requests import Request


async def body_within(request: Request, bytes_max: int) -> bytes | None:
    """The raw body; None, without reading on, when it has more bytes."""
    gathered = bytearray()
    async for chunk in request.stream():
        gathered += chunk
        if len(gathered) > bytes_max:
            return None
    return bytes(gathered)
