"""What is looked for in a column of texts, and what takes the place of each type: the plan's words, ready for use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from anonymize.transform.text.surrogates import MADE, PERSON
from policies.columns import Column
from policies.errors import PlanError
from policies.texts import OTHERS

KEPT = frozenset({"ORGANIZATION"})
"""Types that stay: a hospital or an office is no person, and a text without them says little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How the texts of one column are gone over."""

    types: frozenset[str] | None = None
    """What is removed; none: all but `KEPT`. The row's own cells, and `always`, are removed whatever this says."""
    operators: Mapping[str, str] = field(default_factory=dict)
    recall: str = "balanced"
    language: str = "zh"
    always: Mapping[str, str] = field(default_factory=dict)
    never: tuple[str, ...] = ()

    @classmethod
    def of(cls, column: Column) -> Self:
        """Give the rules of *column*."""
        return cls(
            types=frozenset(column.types) or None,
            operators=column.operators,
            recall=column.recall or "balanced",
            language=column.language or "zh",
            always=column.always,
            never=column.never,
        )

    def wants(self, kind: str) -> bool:
        """Say whether findings of type *kind* go."""
        if self.types is not None:
            return kind in self.types
        return kind not in KEPT or kind in self.operators

    def operator(self, kind: str) -> str:
        """Name what takes the place of findings of type *kind*."""
        return self.operators.get(kind) or self.operators.get(OTHERS, "placeholder")

    def use(self, operator: str) -> bool:
        """Say whether any type has *operator*."""
        return operator in self.operators.values()

    @property
    def keyed(self) -> bool:
        """Whether anything is written that depends on whose text it is."""
        return self.use("surrogate") or self.use("token")


def check_rules(rules: Rules, place: str) -> None:
    """Refuse types that nothing finds in the language of *rules*, and surrogates of what cannot be invented.

    Raises:
        PlanError: at *place*, with what would do.
    """
    from anonymize.detect.languages import BOTH, languages, types_of  # Presidio takes a second to import

    if rules.language not in ("zh", BOTH) and rules.language not in languages():
        fix = f"Use one of: {', '.join((*languages(), BOTH))}."
        raise PlanError(place, f"nothing is known of language {rules.language!r}", fix=fix)
    told = sorted({*(rules.types or ()), *rules.operators} - {OTHERS, *rules.always.values(), *_OWN})
    known = types_of(rules.language) if told else frozenset()
    for kind in told:
        if kind not in known:
            raise PlanError(
                place,
                f"nothing finds {kind} in texts of language {rules.language!r}",
                fix=f"Use some of: {', '.join(sorted(known))}.",
            )
    for kind, operator in rules.operators.items():
        if operator == "surrogate" and kind not in (*MADE, PERSON, OTHERS):
            fix = (
                'Write DATE = "shift".'
                if kind == "DATE"
                else f"They are made for: {', '.join(sorted((*MADE, PERSON)))}."
            )
            raise PlanError(place, f"there are no surrogates for {kind}", fix=fix)


_OWN = frozenset({"PERSON", "ADDRESS", "VALUE"})
"""Types of the row's own cells."""
