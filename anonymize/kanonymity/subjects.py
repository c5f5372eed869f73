"""How many people stand in each class: by rows, by distinct subjects, or by what a subject's rows say together.

Three situations, three counts (DESIGN §4.2: k counts distinct subjects).

- *Rows are subjects*: a class counts its rows.
- *Unlinked*: a subject may own several rows, and nothing published links them. A class counts distinct subjects.
- *Linked*: a token is published with the rows. An attacker sees each subject's whole set of tuples, so that set
  is the class, and a subject is suppressed with all its rows.

In each, the rows fall into *units* that are never divided: a tuple of leaves, or a subject's set of tuples.
"""

from typing import Protocol

import numpy as np

from anonymize.kanonymity.lattice import Ints, Node, Tuples, identify


class Units(Protocol):
    """The indivisible groups of rows that a search forms into classes."""

    of_row: Ints
    """The unit of each row."""
    rows: Ints
    """How many rows each unit has."""

    def classes(self, node: Node) -> tuple[Ints, int]:
        """Give the class of each unit at *node*, and how many classes there are."""

    def people(self, class_of_unit: Ints, classes: int) -> Ints:
        """Count the distinct subjects in each class."""


def units(tuples: Tuples, subjects: Ints | None, *, linked: bool) -> Units:
    """Choose the count that fits: *subjects* holds a number per row, or nothing where rows are subjects."""
    if subjects is None:
        return Rows(tuples)
    subject, count = identify([subjects], [int(subjects.max(initial=0)) + 1])
    if count == len(subject):
        return Rows(tuples)
    return Sets(tuples, subject, count) if linked else Subjects(tuples, subject, count)


class Rows:
    """Every row is a subject of its own: the units are the distinct tuples."""

    def __init__(self, tuples: Tuples) -> None:
        self._tuples = tuples
        self.of_row, self.rows = tuples.of_row, tuples.rows

    def classes(self, node: Node) -> tuple[Ints, int]:
        """Give each tuple's class at *node*."""
        return self._tuples.classes(node)

    def people(self, class_of_unit: Ints, classes: int) -> Ints:
        """Count rows."""
        return _sum(class_of_unit, self.rows, classes)


class Subjects(Rows):
    """Subjects own several unlinked rows: the units are the distinct tuples, a class counts distinct subjects."""

    def __init__(self, tuples: Tuples, subject: Ints, count: int) -> None:
        super().__init__(tuples)
        pair, pairs = identify([subject, tuples.of_row], [count, len(tuples.rows)])
        self._subject, self._tuple = np.zeros(pairs, np.int64), np.zeros(pairs, np.int64)
        self._subject[pair], self._tuple[pair] = subject, tuples.of_row
        self._count = count

    def people(self, class_of_unit: Ints, classes: int) -> Ints:
        """Count each subject once per class."""
        seen = class_of_unit[self._tuple]
        pair, pairs = identify([seen, self._subject], [classes, self._count])
        once = np.zeros(pairs, np.int64)
        once[pair] = seen
        return np.bincount(once, minlength=classes).astype(np.int64)


class Sets:
    """Subjects own several linked rows: the units are the distinct sets of tuples that a subject can have."""

    def __init__(self, tuples: Tuples, subject: Ints, count: int) -> None:
        self._tuples = tuples
        of_subject, self._count = _sets(subject, tuples.of_row, count, len(tuples.rows))
        self._people = np.bincount(of_subject, minlength=self._count).astype(np.int64)
        self.of_row = of_subject[subject]
        self.rows = np.bincount(self.of_row, minlength=self._count).astype(np.int64)
        member, members = identify([self.of_row, tuples.of_row], [self._count, len(tuples.rows)])
        self._set, self._tuple = np.zeros(members, np.int64), np.zeros(members, np.int64)
        self._set[member], self._tuple[member] = self.of_row, tuples.of_row

    def classes(self, node: Node) -> tuple[Ints, int]:
        """Give each set's class: the set of the classes of its tuples."""
        class_of_tuple, classes = self._tuples.classes(node)
        return _sets(self._set, class_of_tuple[self._tuple], self._count, classes)

    def people(self, class_of_unit: Ints, classes: int) -> Ints:
        """Count subjects: each has exactly one set."""
        return _sum(class_of_unit, self._people, classes)


def _sum(group: Ints, amounts: Ints, groups: int) -> Ints:
    """Add whole *amounts* per group; exact while the total stays below 2**53."""
    return np.bincount(group, weights=amounts, minlength=groups).astype(np.int64)


def _sets(owner: Ints, item: Ints, owners: int, items: int) -> tuple[Ints, int]:
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
