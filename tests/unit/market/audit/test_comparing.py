"""What cannot both be is a conflict; what agrees is one log; what cannot be told is said."""

from hypothesis import given
from hypothesis import strategies as st

from market.audit.comparing import NOT_EXTENDED, NOT_IN_TREE, SAME_SIZE, Statement, Tree, compare
from tests.common.witnesses import GrownLog

TRUNK = GrownLog(None).grow(20)
FORK = TRUNK.fork(8, 12)


def stated(log, size, place="x"):
    return Statement(place, "", log.origin, size, log.root(size), ())


def whole(log, statements, size=None):
    size = log.size if size is None else size
    return Tree("tree", log.origin, size, {one.size: log.root(one.size) for one in statements if one.size <= size})


def verdict(statements, trees=()):
    found = compare(statements, trees)
    return [one.why for one in found.conflicts], len(found.agreeing), len(found.unknown), len(found.unrelated)


def test_two_roots_of_one_size_need_nothing_else():
    assert verdict([stated(TRUNK, 12), stated(FORK, 12)]) == ([SAME_SIZE], 0, 0, 0)
    assert verdict([stated(TRUNK, 12), stated(TRUNK, 12)]) == ([], 1, 0, 0)
    assert verdict([stated(TRUNK, 8), stated(FORK, 8)]) == ([], 1, 0, 0)


def test_two_sizes_cannot_be_told_without_a_tree():
    assert verdict([stated(TRUNK, 12), stated(TRUNK, 15)]) == ([], 0, 1, 0)
    assert verdict([stated(TRUNK, 12), stated(FORK, 15)]) == ([], 0, 1, 0)


def test_with_the_larger_ones_tree_any_smaller_one_can_be_told():
    for smaller, expected in ((stated(FORK, 12), ([NOT_EXTENDED], 0, 0, 0)), (stated(TRUNK, 12), ([], 1, 0, 0))):
        both = [stated(TRUNK, 15), smaller]
        assert verdict(both, [whole(TRUNK, both)]) == expected
        assert verdict(both[::-1], [whole(TRUNK, both)]) == expected


def test_a_tree_that_holds_only_the_smaller_one_tells_nothing_of_the_larger():
    both = [stated(TRUNK, 12), stated(FORK, 15)]
    assert verdict(both, [whole(TRUNK, both, 13)]) == ([], 0, 1, 0)


def test_a_note_of_a_size_that_the_log_signed_nowhere_is_held_against_the_log_itself():
    both = [stated(TRUNK, 9), stated(FORK, 15)]
    assert verdict(both, [whole(TRUNK, both)]) == ([NOT_IN_TREE], 0, 1, 0)


def test_logs_of_other_names_have_nothing_to_do_with_each_other():
    other = GrownLog(None, "log.example/other").grow(20, "other")
    both = [stated(TRUNK, 12), stated(other, 12)]
    assert verdict(both, [whole(TRUNK, both)]) == ([], 0, 0, 1)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=2, max_size=6), st.booleans())
def test_no_honest_log_is_accused_and_with_both_trees_no_fork_goes_unseen(held, honest):
    """A plain look at the leaves says what is true."""
    pairs = [(TRUNK if honest or trunk else FORK, size) for trunk, size in held]
    statements = [stated(log, size) for log, size in pairs]
    forked = any(one.leaves[: min(a, b)] != other.leaves[: min(a, b)] for one, a in pairs for other, b in pairs)
    without = compare(statements, [])
    whole_trees = [whole(log, statements) for log in (TRUNK, FORK)]
    conflicts = compare(statements, [whole_trees[0]] if honest else whole_trees).conflicts
    if honest:
        assert (without.conflicts, conflicts) == ((), ())
    elif forked:
        assert conflicts
    for conflict in (*without.conflicts, *(one for one in conflicts if one.why != NOT_IN_TREE)):
        one, other = conflict.one, conflict.other
        assert TRUNK.root(one.size) != FORK.root(one.size)
        assert one.size <= other.size
