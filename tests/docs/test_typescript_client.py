"""docs/clients/typescript: the example runs as it is on a Berth as it is, over good lines and bad.

The Node that Playwright brings runs it. That takes types off and understands nothing else of
TypeScript, so the client is shown to be erasable, too.
"""

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from graphql import build_schema

from berth.typescript import typescript
from coap_gateway.stack import Code
from schema.schema import SDL_PATH
from tests.support.cutting import relay_to
from tests.support.running import ROOT, running
from tests.support.scripts import Script, script
from tests.support.sensors import report, secret_of

FOLDER = ROOT / "docs" / "clients" / "typescript"
EXAMPLE = str(FOLDER / "example.ts")
BAYS = "query($id: ID!) { place(id: $id) { spaces(first: 500) { nodes { number status } } } }"
BOOKINGS = "{ viewer { reservations { nodes { id } } } }"
OTHER = {"AVAILABLE": "OCCUPIED", "OCCUPIED": "AVAILABLE"}
MALL = "UGxhY2U6MQ"


@dataclass
class Up:
    """A running Berth with the demo."""

    ready: Any
    data: Path
    used: set[str] = field(default_factory=set)

    @property
    def port(self) -> int:
        port = urlsplit(self.ready["graphql"]).port
        assert port is not None
        return port

    @property
    def driver(self) -> str:
        return str(self.ready["tokens"]["DRIVER"])

    def ask(self, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        headers = {"authorization": f"Bearer {self.driver}"}
        answer = httpx.post(self.ready["graphql"], json=body, headers=headers).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def change_a_bay(self) -> str:
        """A sensor that said nothing yet says that a car came or left; what is then to be printed.

        The last bay will do: bookings begin with the first.
        """
        bays = self.ask(BAYS, id=MALL)["place"]["spaces"]["nodes"]
        plain = [
            each for each in bays if each["status"] in OTHER and each["number"] not in self.used
        ]
        number, status = plain[-1]["number"], plain[-1]["status"]
        self.used.add(number)
        coap = int(self.ready["coap"].rpartition(":")[2])
        secret = secret_of(self.data, f"hubin-{number.lower()}")
        reply = await report(coap, secret, 1, is_occupied=status == "AVAILABLE")
        assert reply == Code.CHANGED
        return f"bay {number} {OTHER[status]}"

    def bookings(self) -> int:
        return len(self.ask(BOOKINGS)["viewer"]["reservations"]["nodes"])


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    data = tmp_path_factory.mktemp("up") / "data"
    with running("up", "--no-devices", "--json", DATA_DIR=data, PORT=0, COAP_PORT=0) as program:
        yield Up(program.document(), data)


def example(port: int, token: str = "") -> Any:
    """The example, against the Berth at that port."""
    return script(EXAMPLE, BERTH_URL=f"http://127.0.0.1:{port}/graphql", BERTH_TOKEN=token)


def test_the_types_are_those_of_the_schema() -> None:
    """`berth schema typescript docs/clients/typescript/operations.graphql` makes them anew."""
    text = (FOLDER / "operations.graphql").read_text()
    made = typescript(build_schema(SDL_PATH.read_text()), "operations.graphql", text)
    assert (FOLDER / "operations.ts").read_text() == made


async def test_it_books_and_sees_a_bay_change(up: Up) -> None:
    with example(up.port, up.driver) as running_example:
        await running_example.says(r"^place 湖滨广场地下停车场: [A-Z_]+, \d+ of 192 available$")
        await running_example.says(r"^quote CN¥6\.00 for bay \w+, until 2\S+Z$")
        booked = await running_example.says(r"^booked bay (\w+): CONFIRMED, page /b/\w+$")
        await running_example.says(rf"^booking \S+ 2\S+Z: 湖滨广场地下停车场, bay {booked[1]}$")
        await running_example.says(r"^SNAPSHOT \d+: 192 bays, \d+ available$")
        change = await up.change_a_bay()
        await running_example.says(rf"^DELTA \d+: 192 bays, \d+ available\n{change}$")
        assert_ends_well(running_example)


async def test_answers_that_get_lost_are_asked_for_again_and_nothing_is_booked_twice(
    up: Up,
) -> None:
    before = up.bookings()
    async with relay_to(up.port) as relay:
        lost = (b'"operationName":"Reserve"', b'"operationName":"Confirm"')
        relay.lose_the_answer_to(*lost)
        with example(relay.port, up.driver) as running_example:
            await running_example.says(r"^booked bay \w+: CONFIRMED")
            await running_example.says(r"^SNAPSHOT")
        assert relay.lost == len(lost)
    assert up.bookings() == before + 1


async def test_after_a_lost_connection_it_goes_on_with_what_changed_meanwhile(up: Up) -> None:
    async with relay_to(up.port) as relay:
        with example(relay.port) as running_example:
            await running_example.says(r"^SNAPSHOT")
            relay.cut()
            change = await up.change_a_bay()
            relay.is_down = False
            await running_example.says(rf"^{change}$")
            assert "".join(running_example.out).count("SNAPSHOT") == 1


def test_bad_credentials_are_an_error_in_words(up: Up) -> None:
    with example(up.port, "nonsense") as running_example:
        assert running_example.wait() == 1
        assert running_example.told.startswith("UNAUTHENTICATED: ")


def assert_ends_well(running_example: Script) -> None:
    """Ctrl-C completes the subscription, and nothing is left that would keep Node."""
    assert running_example.end(signal.SIGINT) == 0, running_example.told
    assert "".join(running_example.err) == ""
