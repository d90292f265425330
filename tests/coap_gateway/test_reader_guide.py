"""docs/devices.md, "Readers": every payload is what the page says, and gets the answer it shows."""

from __future__ import annotations

import ast
import re
from datetime import datetime
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coap_gateway.stack import Code
from parking.access.base45 import b45decode
from parking.access.cose import key_set
from parking.access.credentials import rotate_key
from parking.access.cwt import parse_token, sign_token, token_hash, verified_claims
from parking.access.key_numbers import hashed_key
from parking.access.revocations import revocation_list
from parking.devices.models import DeviceKind
from parking.reservations.models import Reservation
from parking.storage.sql import database
from tests.coap_gateway.rig import SEALER, Device, Rig
from tests.support.bays import Bays
from tests.support.leasing import somebody

GUIDE = (Path(__file__).parents[2] / "docs" / "devices.md").read_text()
EXAMPLE = re.compile(r"<!-- reader (?P<mark>.+?) -->\n```\w+\n(?P<body>.*?)```", re.DOTALL)
POST = re.compile(r"POST (\S+) (\d+) -> (\S+)")
DIAGNOSED = re.compile(r"```hex\n([0-9a-f\n]+)```\n```diag\n(.*?)```", re.DOTALL)
EXAMPLES = [(found["mark"], found["body"]) for found in EXAMPLE.finditer(GUIDE)]
SHOWN = {mark: body for mark, body in EXAMPLES if not POST.fullmatch(mark)}
POSTED = [(POST.fullmatch(mark), body) for mark, body in EXAMPLES if POST.fullmatch(mark)]

KEY = Ed25519PrivateKey.from_private_bytes(
    bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
)
KID = bytes.fromhex("a1b2c3d4")
TOKEN = bytes.fromhex(POSTED[0][1])


def test_the_guide_has_examples() -> None:
    assert set(SHOWN) == {"qr", "claims", "keys", "trl"}
    assert len(POSTED) == 4


def test_the_token_is_what_the_page_says_it_is() -> None:
    assert b45decode(SHOWN["qr"].strip()) == TOKEN
    public = KEY.public_key().public_bytes_raw()
    message = parse_token(TOKEN)
    said = repr(cbor2.loads(message.payload)).replace("'", '"')
    ours = SHOWN["claims"].strip().replace("h'0102030405060708'", repr(bytes(range(1, 9))))
    assert said == ours.replace("'", '"')
    assert sign_token(verified_claims(message, public), KID, KEY) == TOKEN
    assert bytes.fromhex(SHOWN["keys"]) == key_set([(KID, public)])
    assert bytes.fromhex(SHOWN["trl"]) == revocation_list([token_hash(TOKEN)])


def test_diagnostic_notation_and_bytes_are_the_same() -> None:
    of_readers = GUIDE[GUIDE.index(". Readers\n") : GUIDE.index(". Locks: commands\n")]
    shown = [found.groups() for found in DIAGNOSED.finditer(of_readers)]
    assert len(shown) == 3
    for body, notation in shown:
        whole = notation.replace("h'd28449…'", repr(TOKEN))
        assert cbor2.dumps(ast.literal_eval(whole)) == bytes.fromhex(body)


async def reader_of_the_guide(rig: Rig) -> Device:
    """Place 1, space 1, reservation 1, and the key of the page."""
    reader = await rig.device(DeviceKind.READER)
    bays = Bays(rig.estate, rig.clock, rig.bus)
    driver = await somebody("Dora")
    booking = await bays.book(person_id=driver.person_id)
    assert (rig.estate.place_id, bays.space(), booking.id) == (1, 1, 1)
    await Reservation.filter(id=1).update(plate="SHH1234")
    await rotate_key(driver, 1, clock=rig.clock, sealer=SEALER)
    await know_the_key_number("271828")
    await know_the_signing_key(rig.clock.now())
    return reader


async def know_the_key_number(key: str) -> None:
    stored = await hashed_key(key, 1, SEALER)
    await database().execute("UPDATE credential SET key_hash = $1", stored)


async def know_the_signing_key(at: datetime) -> None:
    public = KEY.public_key().public_bytes_raw().hex()
    await database().execute(
        "INSERT INTO signing_key (kid, private_sealed, public_key, created_at)"
        " VALUES ($1, $2, $3, $4)",
        KID.hex(),
        "never signs here",
        public,
        at,
    )


async def test_each_example_gets_the_answer_it_shows(rig: Rig) -> None:
    reader = await reader_of_the_guide(rig)
    for posted, body in POSTED:
        assert posted is not None
        path, content_format, code = posted.groups()
        if code == "2.04":  # told ten minutes later
            rig.clock.advance(seconds=600)
        reply = await reader.post(path, bytes.fromhex(body), content_format=int(content_format))
        assert (reply.dotted, reply.payload) == (code, b"")
    rows = await database().fetch("SELECT outcome FROM access_event")
    assert [row["outcome"] for row in rows] == ["GRANTED"] * 4
    hints = await reader.client.request(Code.GET, "/authz-info")
    assert hints.payload.hex() in GUIDE
