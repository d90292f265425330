"""External issuers: genuine tokens for us become people, everything else is refused."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from jwt.algorithms import ECAlgorithm

from parking.accounts.authenticate import Gate
from parking.accounts.models import Person
from parking.accounts.oidc import IssuerInvalid, OidcIssuer
from parking.errors import Unauthenticated
from tests.support.people import Desk

ISSUER = "https://issuer.example"
KEY, OTHER_KEY = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
KEYS = {"keys": [json.loads(ECAlgorithm.to_jwk(KEY.public_key())) | {"kid": "k1", "use": "sig"}]}


class Handler(BaseHTTPRequestHandler):
    """Publishes the keys."""

    def do_GET(self) -> None:
        body = json.dumps(KEYS).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Silent."""


@contextmanager
def published_keys() -> Iterator[str]:
    """The address where the issuer's keys are."""
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/keys"
        server.shutdown()
        thread.join()


@pytest.fixture
def jwks_uri() -> Iterator[str]:
    with published_keys() as address:
        yield address


@pytest.fixture
async def gate(desk: Desk, jwks_uri: str) -> Gate:
    issuers = [OidcIssuer(ISSUER, jwks_uri, "berth")]
    return Gate(desk.keys, desk.clock, desk.standings, issuers)


def token(desk: Desk, key: Any = KEY, algorithm: str = "ES256", **claims: Any) -> str:
    now = int(desk.clock.now().timestamp())
    good = {"iss": ISSUER, "aud": "berth", "sub": "ada-1", "name": "Ada", "exp": now + 300}
    return jwt.encode(good | claims, key, algorithm, headers={"kid": "k1"})


async def test_a_newcomer_becomes_one_person_and_stays_it(desk: Desk, gate: Gate) -> None:
    viewers = await asyncio.gather(*(gate.authenticate(token(desk)) for _ in range(3)))
    later = await gate.authenticate(f"Bearer {token(desk)}")
    person = await Person.get()
    assert {viewer.person_id for viewer in (*viewers, later)} == {person.id}
    assert (person.name, person.email) == ("Ada", None)
    assert await gate.revalidate(later) == later


async def test_an_address_in_the_token_takes_over_no_account(desk: Desk, gate: Gate) -> None:
    ada = await desk.sign_in("ada@example.com")
    viewer = await gate.authenticate(token(desk, email="ada@example.com"))
    assert viewer.person_id != ada.person.id


async def test_our_own_tokens_still_work_beside_it(desk: Desk, gate: Gate) -> None:
    ada = await desk.sign_in("ada@example.com")
    assert (await gate.authenticate(ada.access_token)).person_id == ada.person.id


@pytest.mark.parametrize(
    "claims",
    [
        {"key": OTHER_KEY},
        {"key": b"k" * 32, "algorithm": "HS256"},
        {"aud": "somebody else"},
        {"iss": "https://elsewhere.example"},
        {"sub": ""},
        {"sub": 7},
        {"exp": 1},
        {"nbf": 2**40},
    ],
)
async def test_what_is_not_for_us_or_not_genuine_is_refused(
    desk: Desk, gate: Gate, claims: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        await gate.authenticate(token(desk, **claims))
    assert await Person.all().count() == 0


async def test_an_issuer_that_cannot_be_reached_is_refused_not_an_error(desk: Desk) -> None:
    with published_keys() as gone:
        pass
    gate = Gate(desk.keys, desk.clock, desk.standings, [OidcIssuer(ISSUER, gone, "berth")])
    with pytest.raises(Unauthenticated):
        await gate.authenticate(token(desk))


@pytest.mark.parametrize("uri", ["http://issuer.example/keys", "file:///etc/keys"])
def test_keys_come_over_https_or_from_this_machine(uri: str) -> None:
    with pytest.raises(IssuerInvalid):
        OidcIssuer(ISSUER, uri, "berth")
