"""An endpoint lies on the internet, never in the platform's own network."""

import ipaddress

import pytest

from parking.errors import InvalidInput
from parking.notices.channel import NoticeNotSent, NoticeRefused
from parking.notices.webhooks.places import address_for, is_public, parse_endpoint_url, resolve


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),  # metadata of clouds
        ("100.64.0.1", False),  # carriers' NAT
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
    ],
)
def test_only_public_addresses_are_used(text: str, expected: bool) -> None:
    assert is_public(ipaddress.ip_address(text)) == expected


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://",
        "https:///hook",
        "https://user:secret@example.com/",
        "https://example.com/#part",
        "https://example.com:99999/",
        "https://example.com:0/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[fe80::1%25eth0]/",
        "https://10.0.0.7:8443/",
        "https://exa mple.com/",
        "https://exämple.com/",
        "https://[::1/",
        "javascript:alert(1)",
        "https://example.com/" + "x" * 500,
    ],
)
def test_a_url_that_is_not_taken(url: str) -> None:
    with pytest.raises(InvalidInput):
        parse_endpoint_url(url, is_development=False)


def test_a_url_that_is_taken() -> None:
    url = "https://example.com:8443/hooks?tenant=1"
    assert parse_endpoint_url(f" {url} ", is_development=False) == url
    near = "http://127.0.0.1:9000/hook"
    assert parse_endpoint_url(near, is_development=True) == near


def finding(*addresses: str):  # type: ignore[no-untyped-def]
    async def look_up(host: str, port: int) -> list[str]:
        return list(addresses)

    return look_up


async def test_a_name_that_leads_inside_is_refused_for_good() -> None:
    for found in (["127.0.0.1"], ["93.184.215.14", "10.0.0.1"], ["fe80::1%eth0"]):
        with pytest.raises(NoticeRefused):
            await address_for("inner.example", 443, finding(*found), is_development=False)
    public = finding("93.184.215.14", "93.184.215.15")
    assert await address_for("a.example", 443, public, is_development=False) == "93.184.215.14"


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "localhost"])
async def test_other_spellings_of_loopback_are_seen_through(host: str) -> None:
    """As the system itself reads them: no server is asked."""
    with pytest.raises(NoticeNotSent):
        await address_for(host, 443, resolve, is_development=False)


async def test_a_name_that_is_not_found_may_be_found_later() -> None:
    async def look_up(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    for lost in (look_up, finding()):
        with pytest.raises(NoticeNotSent) as told:
            await address_for("gone.example", 443, lost, is_development=False)
        assert not isinstance(told.value, NoticeRefused)
