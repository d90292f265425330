"""Finding the line of a value in a JSON text."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from parking.places.importing.json_source import lines_of, path_text

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.just('\\"{[,:\n'),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


def containers(value: Any, path: tuple[str | int, ...] = ()) -> list[str]:
    """Paths of all objects and lists, in document order."""
    if isinstance(value, dict):
        inner: list[Any] = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    else:
        return []
    return [path_text(path), *(p for key, v in inner for p in containers(v, (*path, key)))]


@given(json_values)
def test_every_object_and_list_is_found_on_its_line(value: Any) -> None:
    text = json.dumps(value, indent=1)
    wanted = containers(value)
    lines = lines_of(text, wanted)
    assert set(lines) == set(wanted)
    for line in lines.values():
        assert text.split("\n")[line - 1].rstrip(", ")[-1:] in "{[}]"
    firsts = [lines[path] for path in dict.fromkeys(wanted)]
    if len(set(wanted)) == len(wanted):
        assert firsts == sorted(firsts)


def test_a_path_is_written_as_people_write_it() -> None:
    assert path_text(("features", 3, "a", "b")) == "features[3].a.b"
    assert lines_of('[\n{"a":\n[1]}]', {"[0].a", "[0]"}) == {"[0]": 2, "[0].a": 3}
