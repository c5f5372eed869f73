"""How many people stand in each class: by rows, by distinct subjects, or by what a subject's rows say together.

Three situations, three counts (DESIGN §4.2: k counts distinct subjects).

- *Rows are subjects*: a class counts its rows.
- *Unlinked*: a subject may own several rows, and nothing published links them. A class counts distinct subjects.
- *Linked*: a token is published with the rows. An attacker sees each subject's whole set of tuples, so that set
  is the class, and a subject is suppressed with all its rows.

In each, the rows fall into *units* that are never divided: a tuple, or a subject's set of tuples. Subjects with the
same set of tuples count alike, so what is held is the distinct sets and how many people have each.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from anonymize.kanonymity.lattice import Ints, Node, Tuples, identify
from anonymize.kanonymity.optimum import Bools


class Units(Protocol):
    """The indivisible groups of rows that a search forms into classes."""

    tuples: Tuples
    """The distinct tuples that the units are made of."""
    rows: Ints
    """How many rows each unit has."""

    def classes(self, node: Node) -> tuple[Ints, int]:
        """Give the class of each unit at *node*, and how many classes there are."""

    def people(self, class_of_unit: Ints, classes: int, only: Bools | None = None) -> Ints:
        """Count the distinct subjects in each class, of *only* some units where they are given."""

    def spread(self, per_row_of_tuple: Ints) -> Ints:
        """Sum an amount that each row of a tuple has over the rows of each unit."""


class Rows:
    """Every row is a subject of its own: the units are the distinct tuples."""

    def __init__(self, tuples: Tuples) -> None:
        self.tuples: Tuples = tuples
        self.rows = tuples.rows

    def classes(self, node: Node) -> tuple[Ints, int]:
        """Give each tuple's class at *node*."""
        return self.tuples.classes(node)

    def people(self, class_of_unit: Ints, classes: int, only: Bools | None = None) -> Ints:
        """Count rows."""
        return _sum(class_of_unit, self.rows if only is None else self.rows * only, classes)

    def spread(self, per_row_of_tuple: Ints) -> Ints:
        """Multiply by the rows of each tuple."""
        return per_row_of_tuple * self.rows


@dataclass(frozen=True, slots=True)
class Sets:
    """The distinct sets of tuples that subjects have: its members, their rows, and how many people have it."""

    of_member: Ints
    """The set that each member belongs to."""
    member: Ints
    """The tuple that it is."""
    rows: Ints
    """The rows behind each member, over all people who have the set."""
    people: Ints
    """Per set: how many have it."""


class Subjects(Rows):
    """Subjects own several unlinked rows: the units are the distinct tuples, a class counts distinct subjects."""

    def __init__(self, tuples: Tuples, sets: Sets) -> None:
        super().__init__(tuples)
        self._sets = sets

    def people(self, class_of_unit: Ints, classes: int, only: Bools | None = None) -> Ints:
        """Count each subject once per class that its set touches."""
        member, of_member = self._sets.member, self._sets.of_member
        if only is not None:
            member, of_member = member[only[member]], of_member[only[member]]
        seen = class_of_unit[member]
        pair, pairs = identify([seen, of_member], [classes, len(self._sets.people)])
        once, weight = np.zeros(pairs, np.int64), np.zeros(pairs, np.int64)
        once[pair], weight[pair] = seen, self._sets.people[of_member]
        return _sum(once, weight, classes)


class Linked:
    """Subjects own several linked rows: the units are the distinct sets of tuples that a subject can have."""

    def __init__(self, tuples: Tuples, sets: Sets) -> None:
        self.tuples, self.sets = tuples, sets
        self.rows = _sum(sets.of_member, sets.rows, len(sets.people))

    def classes(self, node: Node) -> tuple[Ints, int]:
        """Give each set's class: the set of the classes of its tuples."""
        class_of_tuple, classes = self.tuples.classes(node)
        return sets_of(self.sets.of_member, class_of_tuple[self.sets.member], len(self.sets.people), classes)

    def people(self, class_of_unit: Ints, classes: int, only: Bools | None = None) -> Ints:
        """Count subjects: each has exactly one set."""
        return _sum(class_of_unit, self.sets.people if only is None else self.sets.people * only, classes)

    def spread(self, per_row_of_tuple: Ints) -> Ints:
        """Sum over the members of each set, by their rows."""
        amounts = per_row_of_tuple[self.sets.member] * self.sets.rows
        return _sum(self.sets.of_member, amounts, len(self.sets.people))


def units_of_rows(tuples: Tuples, of_row: Ints, subjects: Ints | None, *, linked: bool) -> tuple[Units, Ints]:
    """Choose the count that fits rows given as arrays, and give the unit of each row.

    *of_row* names the tuple of each row; *subjects* holds a number per row, or nothing where rows are subjects.
    """
    if subjects is None:
        return Rows(tuples), of_row
    subject, count = identify([subjects], [int(subjects.max(initial=0)) + 1])
    if count == len(subject):
        return Rows(tuples), of_row
    set_of_subject, number = sets_of(subject, of_row, count, len(tuples.rows))
    set_of_row = set_of_subject[subject]
    cell, cells = identify([set_of_row, of_row], [number, len(tuples.rows)])
    of_member, member = np.zeros(cells, np.int64), np.zeros(cells, np.int64)
    of_member[cell], member[cell] = set_of_row, of_row
    rows = np.bincount(cell, minlength=cells).astype(np.int64)
    people = np.bincount(set_of_subject, minlength=number).astype(np.int64)
    sets = Sets(of_member, member, rows, people)
    return (Linked(tuples, sets), set_of_row) if linked else (Subjects(tuples, sets), of_row)


def sets_of(owner: Ints, item: Ints, owners: int, items: int) -> tuple[Ints, int]:
    """Number the distinct sets of *item* that *owners* hold; exactly, by extending prefixes in sorted order."""
    pair, pairs = identify([owner, item], [owners, items])
    key = np.zeros(pairs, np.int64)
    key[pair] = owner * items + item
    key.sort()
    owner, item = key // items, key % items
    place = np.arange(pairs) - np.searchsorted(owner, np.arange(owners))[owner]
    prefix, prefixes = np.zeros(owners, np.int64), 1
    for position in range(int(place.max(initial=-1)) + 1):
        here = place == position
        step = np.full(owners, items, np.int64)
        step[owner[here]] = item[here]
        prefix, prefixes = identify([prefix, step], [prefixes, items + 1])
    return prefix, prefixes


def _sum(group: Ints, amounts: Ints, groups: int) -> Ints:
    """Add whole *amounts* per group; exact while the total stays below 2**53."""
    return np.bincount(group, weights=amounts, minlength=groups).astype(np.int64)
