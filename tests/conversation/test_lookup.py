"""Numbers under numbers, as a dict would give them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from conversation.understanding.lookup import Lookup, members

KEYS = st.integers(-(2**60), 2**60)


@given(st.lists(st.tuples(KEYS, st.integers(-100, 100))), st.lists(KEYS), st.data())
def test_it_gives_what_a_dict_would(entries: list[tuple[int, int]], others: list[int], data: st.DataObject) -> None:
    asked = [*others, *data.draw(st.lists(st.sampled_from([k for k, _ in entries]) if entries else KEYS))]
    plain = dict(entries)
    lookup = Lookup(np.array([k for k, _ in entries], np.int64), np.array([v for _, v in entries], np.int32))
    assert [lookup.get(key) for key in asked] == [plain.get(key) for key in asked]
    assert lookup.of(np.array(asked, np.int64), 0.5).tolist() == [plain.get(key, 0.5) for key in asked]
    more = lookup.with_others(others, [7] * len(others))
    assert [more.get(key) for key in asked] == [(plain | dict.fromkeys(others, 7)).get(key) for key in asked]
    assert lookup.get(asked[0]) == plain.get(asked[0]) if asked else True  # the first stays as it was


@given(st.sets(KEYS), st.lists(KEYS))
def test_members_are_those_of_a_set(among: set[int], keys: list[int]) -> None:
    kept = np.array(sorted(among), np.int64)
    assert members(kept, np.array([*keys, *among], np.int64)).tolist() == [k in among for k in [*keys, *among]]
