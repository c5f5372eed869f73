"""How eager detection is: the chance of a finding from which it counts, chosen by the plan.

The lower, the fewer persons stay in the text, and the more words are taken that name nobody.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recall:
    """Least scores of what the models find."""

    person: float
    place: float


STRICT, BALANCED, HIGH = Recall(0.4, 0.7), Recall(0.06, 0.5), Recall(0.03, 0.4)
LEVELS = {"precise": STRICT, "balanced": BALANCED, "high": HIGH}
"""As a plan names them. Measured by `make accuracy`."""
