"""A map service behind HTTP, for who has one of a building's inside (BERTH_MAP_SERVICE_URL).

POST {"place": {"id", "name", "externalId"}, "latitude", "longitude", "accuracyMetres",
      "floor", "area", "bay"}
200  {"floor"?, "area"?, "bay"?, "latitude"?, "longitude"?, "accuracyMetres"?}
404, 422  there is no answer; {"reason"?} is shown to the sharer
anything else, or none within ten seconds: asked again later
"""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from parking.locations.limits import REASON_CHARACTERS_MAX
from parking.locations.refinement.map_service import (
    MapQuestion,
    MapServiceRefused,
    MapServiceUnavailable,
)

MAP_SECONDS_MAX = 10.0
MAP_ANSWER_BYTES_MAX = 64 * 1024
_REFUSING = frozenset({404, 422})
_NAMES = {
    "floor": ("floor", str),
    "area": ("area", str),
    "bay": ("bay", str),
    "latitude": ("latitude", float),
    "longitude": ("longitude", float),
    "accuracyMetres": ("accuracy_metres", float),
}


class HttpMapService:
    """One address that is asked; `key` is sent as a bearer token where there is one."""

    def __init__(self, url: str, key: str | None = None) -> None:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._url = url
        self._http = httpx.AsyncClient(timeout=MAP_SECONDS_MAX, headers=headers, trust_env=False)

    async def locate(self, question: MapQuestion) -> Mapping[str, Any]:
        """What the service says."""
        try:
            async with self._http.stream("POST", self._url, json=asked(question)) as answer:
                return said_by(answer.status_code, await _body(answer))
        except httpx.HTTPError as error:
            raise MapServiceUnavailable(
                f"the map service does not answer ({type(error).__name__})"
            ) from None

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()


async def _body(answer: httpx.Response) -> bytes:
    body = b""
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > MAP_ANSWER_BYTES_MAX:
            raise MapServiceUnavailable("the map service gave an answer that is too long")
    return body


def asked(question: MapQuestion) -> dict[str, Any]:
    """The body of a request."""
    return {
        "place": {
            "id": question.place_id,
            "name": question.place_name,
            "externalId": question.place_external_id,
        },
        "latitude": question.latitude,
        "longitude": question.longitude,
        "accuracyMetres": question.accuracy_metres,
        "floor": question.floor,
        "area": question.area,
        "bay": question.bay,
    }


def said_by(status: int, body: bytes) -> Mapping[str, Any]:
    """What an answer says, by the names of `Facts`. Raises as `MapService.locate`."""
    told = _object(body)
    if status in _REFUSING:
        reason = told.get("reason")
        words = " ".join(reason.split()) if isinstance(reason, str) else ""
        raise MapServiceRefused(words[:REASON_CHARACTERS_MAX] or "the map service knows no answer")
    if status != 200:
        raise MapServiceUnavailable(f"the map service answers with the status {status}")
    return {ours: _typed(told[name], kind) for name, (ours, kind) in _NAMES.items() if name in told}


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body or b"{}")
    except ValueError:
        told = None
    return told if isinstance(told, dict) else {}


def _typed(value: Any, kind: type) -> Any:
    """The value, or nothing where it is of another kind: a machine's answer is not believed."""
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, kind) else None
