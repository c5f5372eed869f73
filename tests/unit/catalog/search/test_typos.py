"""Every word within reach of a slip is found by its spellings, and no other is taken for it."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.search.typos import asked_spellings, kept_spellings, slips, slips_allowed

WORDS = st.text("abc", min_size=3, max_size=12)


def plainly(first: str, second: str) -> int:
    """Count slips by the definition."""
    if not first or not second:
        return len(first) + len(second)
    best = min(
        plainly(first[1:], second) + 1,
        plainly(first, second[1:]) + 1,
        plainly(first[1:], second[1:]) + (first[0] != second[0]),
    )
    if first[:2] == second[1::-1] and len(first) > 1 and len(second) > 1:
        best = min(best, plainly(first[2:], second[2:]) + 1)
    return best


@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_slips_are_counted_by_the_definition(first, second):
    assert slips(first, second) == plainly(first, second) == slips(second, first)


@given(WORDS, st.lists(st.tuples(st.sampled_from("iddst"), st.integers(0, 11), st.sampled_from("abc")), max_size=2))
def test_whatever_lies_within_the_allowed_slips_shares_a_spelling(word, edits):
    typed = word
    for kind, at, letter in edits:
        at %= len(typed) or 1
        if kind == "i":
            typed = typed[:at] + letter + typed[at:]
        elif kind == "d":
            typed = typed[:at] + typed[at + 1 :]
        elif kind == "s":
            typed = typed[:at] + letter + typed[at + 1 :]
        else:
            typed = typed[:at] + typed[at : at + 2][::-1] + typed[at + 2 :]
    if slips(typed, word) <= slips_allowed(typed):
        assert asked_spellings(typed) & kept_spellings(word)


def test_how_many_slips_are_allowed_depends_on_the_length():
    assert [slips_allowed("a" * size) for size in (1, 3, 4, 7, 8, 30)] == [0, 0, 1, 1, 2, 2]
    assert slips_allowed("c50code") == 0
