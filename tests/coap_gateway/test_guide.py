"""docs/devices.md: every payload is what the page says it is, and gets the answer it shows."""

import ast
import re
from pathlib import Path

import cbor2
import orjson
import pytest

from coap_gateway.senml import SENML_CBOR, SENML_JSON, decode
from coap_gateway.stack import Code, SecurityMaterial
from coap_gateway.stack.oscore import Context
from coap_gateway.stack.wire import CON, encode_header, encode_options
from parking.devices.models import DeviceKind
from tests.coap_gateway.rig import Rig

GUIDE = (Path(__file__).parents[2] / "docs" / "devices.md").read_text()
EXAMPLE = re.compile(
    r"<!-- POST (?P<path>\S+) (?P<format>\d+) -> (?P<code>\S+) -->\n"
    r"```(?P<kind>hex|json|text)\n(?P<body>.*?)```\n(?:```diag\n(?P<diag>.*?)```)?",
    re.DOTALL,
)
EXAMPLES = [match.groupdict() for match in EXAMPLE.finditer(GUIDE)]
OSCORE_OPTION = 9


def hex_after(mark: str) -> bytes:
    found = re.search(rf"<!-- {mark} -->\n```hex\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None
    return bytes.fromhex(found[1])


def body_of(example: dict[str, str]) -> bytes:
    text = example["body"]
    return bytes.fromhex(text) if example["kind"] == "hex" else text.strip().encode()


def test_the_guide_has_examples() -> None:
    assert len(EXAMPLES) == 9


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e["diag"]])
def test_diagnostic_notation_and_bytes_are_the_same(example: dict[str, str]) -> None:
    notation = example["diag"].replace("true", "True").replace("false", "False")
    assert cbor2.dumps(ast.literal_eval(notation)) == body_of(example)


def test_cbor_and_json_say_the_same() -> None:
    [as_json] = [body_of(e) for e in EXAMPLES if e["kind"] == "json"]
    as_cbor = body_of(EXAMPLES[2])
    assert orjson.loads(as_json)
    assert decode(as_json, SENML_JSON, 0) == decode(as_cbor, SENML_CBOR, 0)


@pytest.mark.parametrize("example", EXAMPLES)
async def test_each_example_gets_the_answer_it_shows(rig: Rig, example: dict[str, str]) -> None:
    device = await rig.device(DeviceKind.LOCK)
    path, _, query = example["path"].partition("?")
    items = tuple(query.replace("ENDPOINT", device.provisioned.endpoint).split("&"))
    reply = await device.post(
        path,
        body_of(example),
        content_format=int(example["format"]),
        query=items if query else (),
    )
    assert reply.dotted == example["code"]
    assert not rig.gateway.refusals.counts.keys() - {"ignored_record"}


def test_the_oscore_example_is_right() -> None:
    secret, salt = "0102030405060708090a0b0c0d0e0f10", "9e7ca92223786340"
    assert secret in GUIDE
    assert salt in GUIDE
    material = SecurityMaterial(
        0,
        bytes.fromhex(secret),
        bytes.fromhex("aabbccddeeff"),
        b"\x00",
        bytes.fromhex(salt),
    )
    plaintext = hex_after("plaintext")
    option, ciphertext, _ = Context(material, 32).seal_request(20, plaintext)
    head = encode_header(CON, Code.POST, 0x1234, b"\x51\x55")
    protected = encode_options([(OSCORE_OPTION, option)]) + b"\xff" + ciphertext
    assert head + protected == hex_after("oscore")
    assert f"`{option.hex()}`" in GUIDE
    assert plaintext.endswith(body_of(EXAMPLES[2]))
