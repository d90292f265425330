"""docs/devices.md section 10: every payload is what it says, and does what it says to a command."""

import ast
import re
from pathlib import Path

import cbor2
import pytest

from coap_gateway.command_format import MOVES, encode_command
from coap_gateway.senml import SENML_CBOR, Record
from coap_gateway.stack import Code
from parking.devices.models import DeviceKind
from tests.coap_gateway.rig import Rig
from tests.support.bays import Bays

GUIDE = (Path(__file__).parents[2] / "docs" / "devices.md").read_text()
EXAMPLE = re.compile(
    r"<!-- lock (?P<what>.*?) -->\n```hex\n(?P<body>.*?)```\n```diag\n(?P<diag>.*?)```", re.DOTALL
)
EXAMPLES = [match.groupdict() for match in EXAMPLE.finditer(GUIDE)]
RESULT = re.compile(r"PUT (?P<path>\S+) -> (?P<code>\S+) (?P<state>\w+)")


def test_the_section_has_examples() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each["what"])
def test_diagnostic_notation_and_bytes_are_the_same(example: dict[str, str]) -> None:
    assert cbor2.dumps(ast.literal_eval(example["diag"])) == bytes.fromhex(example["body"])


async def test_a_command_goes_as_the_guide_tells(rig: Rig) -> None:
    lock = await rig.device(DeviceKind.LOCK)
    await lock.send(Record("/3306/0/5853", "raised"), Record(MOVES, 7))
    bays = Bays(rig.estate, rig.clock, rig.bus)
    command = await bays.order()
    told, *results = EXAMPLES
    assert encode_command(command) == bytes.fromhex(told["body"])
    reply = await lock.client.request(Code.GET, "/cmd", accept=322)
    assert reply.payload == bytes.fromhex(told["body"])
    for example in results:
        said = RESULT.fullmatch(example["what"])
        assert said is not None
        body = bytes.fromhex(example["body"])
        reply = await lock.client.request(Code.PUT, said["path"], body, content_format=SENML_CBOR)
        assert reply.dotted == said["code"]
        assert (await bays.command(command.id)).state == said["state"]
