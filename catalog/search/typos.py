"""Words one or two slips away: letters left out, added, changed or swapped with their neighbour.

Two words within *d* slips share a spelling once up to *d* letters are left out of each, so a look-up of a few
spellings finds all candidates. The first seven letters are enough for two slips (the method of SymSpell); what shares
a spelling is then measured in full.
"""

from itertools import combinations

PREFIX = 7


def slips_allowed(word: str) -> int:
    """Say how many slips a word of this length may hold: one in 4 to 7 letters, two in more."""
    if len(word) < 4 or not word.isalpha():
        return 0
    return 1 if len(word) < 8 else 2


def kept_spellings(word: str) -> set[str]:
    """List the spellings under which *word* is kept: enough for any word that may be meant for it."""
    return _left_out(word, 2 if len(word) >= 6 else 1)


def asked_spellings(word: str) -> set[str]:
    """List the spellings under which the words that *word* may stand for are kept."""
    return _left_out(word, slips_allowed(word))


def _left_out(word: str, most: int) -> set[str]:
    head = word[:PREFIX]
    sizes = range(len(head), max(len(head) - most, 1) - 1, -1)
    return {"".join(kept) for size in sizes for kept in combinations(head, size)}


def slips(first: str, second: str) -> int:
    """Count the slips between two words (optimal string alignment)."""
    before: list[int] = []
    now = list(range(len(second) + 1))
    for row, letter in enumerate(first, 1):
        older, before, now = before, now, [row]
        for column, other in enumerate(second, 1):
            cost = min(before[column] + 1, now[column - 1] + 1, before[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == second[column - 2] and first[row - 2] == other:
                cost = min(cost, older[column - 2] + 1)
            now.append(cost)
    return now[-1]
