"""`/dev/inbox`: the messages that the embedded channel keeps, for whoever develops."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.html import page
from parking.clock import rfc3339
from parking.notices.inbox import inbox_messages


def inbox_routes(*, development: bool) -> list[Route]:
    """The inbox as a page and as JSON; none outside development, because it shows sign-in codes."""
    if not development:
        return []
    return [Route("/dev/inbox", inbox_page), Route("/dev/inbox.json", inbox_json)]


async def inbox_page(request: Request) -> Response:
    """The newest messages (`?to=` one address); the page reloads itself."""
    recipient = request.query_params.get("to")
    messages = await inbox_messages(recipient)
    root = request.scope.get("root_path", "")
    return page("inbox.html", messages=messages, recipient=recipient, root=root)


async def inbox_json(request: Request) -> Response:
    """The same: `[{id, recipient, subject, text, at}]`, newest first."""
    messages = await inbox_messages(request.query_params.get("to"))
    answer = [
        {
            "id": each.id,
            "recipient": each.recipient,
            "subject": each.subject,
            "text": each.text,
            "at": rfc3339(each.at),
        }
        for each in messages
    ]
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})
