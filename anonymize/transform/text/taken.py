"""The values that stand in a source, as far as is needed to invent none of them: a hash each, sorted."""

from collections.abc import Iterable

import numpy as np

from anonymize.detect.fold import fold, squeeze

HELD = 1 << 16
"""New hashes that are held before they are sorted in."""


class Taken:
    """A set of strings, without them; 8 bytes each. It may take a string for one of its own, never miss one."""

    def __init__(self) -> None:
        self._sorted, self._new = np.zeros(0, np.int64), set[int]()

    def add(self, strings: Iterable[str]) -> None:
        """Add *strings*, however they are spaced and cased."""
        self._new.update(map(_hash, strings))
        if len(self._new) > HELD:
            self._sort()

    def __contains__(self, string: object) -> bool:
        """Say whether *string* stands in the source."""
        wanted = _hash(str(string))
        if wanted in self._new:
            return True
        at = int(np.searchsorted(self._sorted, wanted))
        return at < len(self._sorted) and int(self._sorted[at]) == wanted

    def _sort(self) -> None:
        self._sorted = np.union1d(self._sorted, np.fromiter(self._new, np.int64, len(self._new)))
        self._new.clear()


def _hash(string: str) -> int:
    """Hash *string* under the key of this process."""
    return hash(squeeze(fold(string))[0])
