"""Persisted operations: documents named by the SHA-256 of their text.

Trusted documents are given at the start; automatic ones (APQ) are registered by the first client
that sends text and hash together. Both are named by `extensions.persistedQuery.sha256Hash`, or by
`documentId: "sha256:…"`, over HTTP and over the WebSocket alike.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson

from api.graphql.limits import PERSISTED_BYTES_MAX, PERSISTED_MAX
from api.graphql.lru import Lru
from api.graphql.params import Params
from api.graphql.problems import BadRequest, Rejected

_HASH = re.compile(r"[0-9a-f]{64}\Z")


def document_hash(text: str) -> str:
    """The name of a document: SHA-256 of its UTF-8 text, in lower-case hexadecimal."""
    return sha256(text.encode()).hexdigest()


def load_trusted(path: Path) -> dict[str, str]:
    """Trusted documents from a folder of `.graphql` files, or from a manifest.

    A manifest is JSON: `{"<id>": "<text>", …}` as Relay and the GraphQL code generator write it,
    or Apollo's `{"format": "apollo-persisted-query-manifest", "operations": [{"id", "body"}]}`.

    Raises:
        ValueError: a manifest of another form.
    """
    if path.is_dir():
        texts = [file.read_text("utf-8") for file in sorted(path.rglob("*.graphql"))]
        return {document_hash(text): text for text in texts}
    manifest = orjson.loads(path.read_bytes())
    if isinstance(manifest, dict) and isinstance(manifest.get("operations"), list):
        manifest = {each["id"]: each["body"] for each in manifest["operations"]}
    if not isinstance(manifest, dict) or not all(isinstance(v, str) for v in manifest.values()):
        raise ValueError(f"{path.name} is not a manifest: expected an object of id to document.")
    return {_bare(name): text for name, text in manifest.items()}


def _bare(name: str) -> str:
    return name.removeprefix("sha256:")


class PersistedDocuments:
    """Finds the text a request means."""

    def __init__(
        self, trusted: Mapping[str, str] | None = None, *, only_trusted: bool = False
    ) -> None:
        self._trusted = dict(trusted or {})
        self._trusted_texts = frozenset(self._trusted.values())
        self._only_trusted = only_trusted
        self._automatic: Lru[str, str] = Lru(PERSISTED_BYTES_MAX, PERSISTED_MAX)

    def text(self, params: Params) -> str:
        """The document's text, by itself or by its name.

        Raises:
            Rejected: an unknown name, or a text that is not trusted while only those are.
            BadRequest: a name of a wrong form, or one that is not the hash of the text.
        """
        name = _name(params)
        if params.query is None:
            if name is None:
                raise BadRequest("NO_QUERY", "The request has no `query`; send the text.")
            return self._known(name)
        self._check_trust(params.query)
        if name is not None and name != document_hash(params.query):
            told = "The given hash is not the SHA-256 of the given `query`."
            raise BadRequest("PERSISTED_QUERY_HASH_MISMATCH", told)
        return params.query

    def register(self, params: Params) -> None:
        """Keep the text under its hash, when the request gave both; called once it is valid."""
        name = _name(params)
        if name is None or params.query is None or name in self._trusted:
            return
        self._automatic.put(name, params.query, len(params.query))

    def _check_trust(self, text: str) -> None:
        if self._only_trusted and text not in self._trusted_texts:
            told = "Only trusted documents are run here; send the id of one."
            raise Rejected("DOCUMENT_NOT_TRUSTED", told, status=HTTPStatus.FORBIDDEN)

    def _known(self, name: str) -> str:
        text = self._trusted.get(name) or self._automatic.get(name)
        if text is None:
            # The message is Apollo's: its clients answer it by sending text and hash.
            raise Rejected("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        return text


def _name(params: Params) -> str | None:
    if params.document_id is not None:
        return _bare(params.document_id)
    given: Any = params.extensions.get("persistedQuery")
    if given is None:
        return None
    if not isinstance(given, dict) or given.get("version") != 1:
        told = "`extensions.persistedQuery` has to be {version: 1, sha256Hash}."
        raise BadRequest("BAD_PERSISTED_QUERY", told)
    name = given.get("sha256Hash")
    if not isinstance(name, str) or not _HASH.match(name.lower()):
        told = "`sha256Hash` has to be 64 hexadecimal digits."
        raise BadRequest("BAD_PERSISTED_QUERY", told)
    return name.lower()
