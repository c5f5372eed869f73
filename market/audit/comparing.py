"""Hold signed notes against each other, and find out whether a log shows everybody the same tree.

Two notes of one size with different roots need no more than themselves. Of two sizes, the larger must extend the
smaller; that can be told wherever a whole tree is at hand, the home's own or an export, and the larger note is of that
tree. What can be told neither way is said, not passed over. The two notes of a conflict prove it to anybody: the log's
key is under both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

SAME_SIZE = "the log was signed with two roots of the same size"
NOT_EXTENDED = "the larger tree that the log signed does not extend the smaller one"
NOT_IN_TREE = "the log has another root at this size"


@dataclass(frozen=True, slots=True)
class Statement:
    """A checkpoint that somebody holds, and who signed it."""

    place: str
    """Where it was found."""
    note: str
    origin: str
    size: int
    root: bytes
    signed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole log that is at hand: its root at every size that is asked for, up to its own."""

    place: str
    origin: str
    size: int
    roots: Mapping[int, bytes]

    def holds(self, statement: Statement) -> bool | None:
        """Say whether the statement is of this tree; nothing where it is of another log, or of a larger tree."""
        if statement.origin != self.origin or statement.size > self.size:
            return None
        return self.roots[statement.size] == statement.root


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two that cannot both be: two notes, or a note and the log that is at hand."""

    why: str
    one: Statement
    other: Statement | Tree


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of it, by pairs."""

    conflicts: tuple[Conflict, ...]
    agreeing: tuple[tuple[Statement, Statement], ...]
    unknown: tuple[tuple[Statement, Statement], ...]
    """Of one log, but not comparable without the log or an export that holds the larger one."""
    unrelated: tuple[tuple[Statement, Statement], ...]
    """Of different logs."""


def compare(statements: Sequence[Statement], trees: Sequence[Tree]) -> Comparison:
    """Compare every two of *statements*, by means of the *trees* that are at hand."""
    conflicts: list[Conflict] = []
    agreeing, unknown, unrelated = [], [], []
    for pair in combinations(statements, 2):
        one, other = sorted(pair, key=lambda statement: statement.size)
        if one.origin != other.origin:
            unrelated.append((one, other))
            continue
        told = _extends(one, other, trees)
        if told is None:
            unknown.append((one, other))
        elif told:
            agreeing.append((one, other))
        else:
            conflicts.append(Conflict(SAME_SIZE if one.size == other.size else NOT_EXTENDED, one, other))
    conflicts += _strangers(statements, trees, conflicts)
    return Comparison(tuple(conflicts), tuple(agreeing), tuple(unknown), tuple(unrelated))


def _extends(smaller: Statement, larger: Statement, trees: Sequence[Tree]) -> bool | None:
    if smaller.size == larger.size:
        return smaller.root == larger.root
    for tree in trees:
        if tree.holds(larger):
            return bool(tree.holds(smaller))
    return None


def _strangers(statements: Sequence[Statement], trees: Sequence[Tree], known: Sequence[Conflict]) -> Iterator[Conflict]:
    """Find notes that a tree belies although no note of that tree reaches so far: it was not signed there yet."""
    shown = {id(side) for conflict in known for side in (conflict.one, conflict.other)}
    for statement in statements:
        for tree in trees:
            if tree.holds(statement) is False and id(statement) not in shown:
                yield Conflict(NOT_IN_TREE, statement, tree)
