"""Base45: the examples of RFC 9285 section 4.3 and 4.4, and that it comes back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parking.access.base45 import Base45Error, b45decode, b45encode

EXAMPLES = {
    b"AB": "BB8",
    b"Hello!!": "%69 VD92EX0",
    b"base-45": "UJCLQE7W581",
    b"ietf!": "QED8WEX0",
}


@pytest.mark.parametrize("data", EXAMPLES)
def test_the_examples_of_the_rfc(data: bytes) -> None:
    assert b45encode(data) == EXAMPLES[data]
    assert b45decode(EXAMPLES[data]) == data


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_what_goes_in_comes_out(data: bytes) -> None:
    assert b45decode(b45encode(data)) == data


@pytest.mark.parametrize("text", ["GGW", ":::", "A", "AAAA", "bb8", "::", "ÄÄ"])
def test_other_texts_are_refused(text: str) -> None:
    """RFC 9285 section 6: `GGW` is 65536, one too many."""
    with pytest.raises(Base45Error):
        b45decode(text)
