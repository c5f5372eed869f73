"""What a plan may say of a column of free text: what is looked for in it, and what takes the place of what is found."""

from collections.abc import Mapping
from typing import Any

from policies.errors import PlanError

OPERATORS = ("placeholder", "mask", "fixed", "surrogate", "token", "shift", "cap")
"""What can take the place of a finding."""
SHIFTED, CAPPED = "DATE", "AGE"
"""The one type that can be shifted, and the one that can be capped."""
OTHERS = "*"
"""Stands for every type that has no operator of its own."""
RECALLS = ("high", "balanced", "precise")
LANGUAGES = ("zh", "en", "both")
MARKED = "MARKED"
"""The type of a string that the steward always removes, where no other is said."""
KEYS = ("types", "operators", "recall", "language", "always", "never")
"""The keys of a column that only texts can have."""


def check_text(place: str, told: Mapping[str, Any]) -> None:
    """Refuse what *told*, the values of `KEYS` of the column at *place*, cannot mean.

    Raises:
        PlanError: which value it is, and how to mend it.
    """
    for kind in (*told["types"], *told["operators"], *told["always"].values()):
        if not is_type(kind) and not (kind == OTHERS and kind in told["operators"]):
            raise PlanError(place, f"{kind!r} is no type of finding", fix="Write types as PERSON, PHONE or CN_ID.")
    for kind, operator in told["operators"].items():
        check_operator(place, kind, operator)
    if told["recall"] not in (None, *RECALLS):
        raise PlanError(place, f"recall {told['recall']!r} is unknown", fix=f"Use one of: {', '.join(RECALLS)}.")
    if told["language"] not in (None, *LANGUAGES):
        raise PlanError(place, f"language {told['language']!r} is unknown", fix=f"Use one of: {', '.join(LANGUAGES)}.")
    for text in (*told["always"], *told["never"]):
        if not isinstance(text, str) or len(text.strip()) < 2:  # never quoted: it may name a person
            found = "a string that is always or never removed has fewer than two characters, or is no text"
            raise PlanError(place, found, fix="Write it whole, in quotes.")


def check_operator(place: str, kind: str, operator: object) -> None:
    """Refuse an *operator* that is unknown, or not made for findings of type *kind*.

    Raises:
        PlanError: at *place*, with those that would do.
    """
    if operator not in OPERATORS:
        fix = f"Use one of: {', '.join(OPERATORS)}."
        raise PlanError(place, f"operator {operator!r} of {kind} is unknown", fix=fix)
    for only, made in ((SHIFTED, "shift"), (CAPPED, "cap")):
        if operator == made and kind != only:
            fix = f'Write {only} = "{made}", and another operator for {kind}.'
            raise PlanError(place, f"operator {made!r} is for {only} alone, not for {kind}", fix=fix)


def is_type(kind: object) -> bool:
    """Say whether *kind* is written as the types of findings are."""
    return isinstance(kind, str) and kind.isascii() and kind.replace("_", "").isalpha() and kind.isupper()


def read_always(place: str, raw: Any) -> Mapping[str, str]:
    """Read the strings that are always removed, each with its type: a list of texts, or a table of text and type.

    Raises:
        PlanError: it is neither.
    """
    if isinstance(raw, Mapping):
        return dict(raw)
    if not isinstance(raw, list | tuple) or not all(isinstance(text, str) for text in raw):
        fix = 'Write always = ["…"], or always = { "…" = "PERSON" }.'
        raise PlanError(place, "always is no list of texts and no table", fix=fix)
    return dict.fromkeys(raw, MARKED)
