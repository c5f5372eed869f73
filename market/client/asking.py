"""What is said with a question: under which agreements, for what purpose, with which values."""

from collections.abc import Sequence
from typing import Any, Required, TypedDict

from market.client.parameters import Values, sent


class Asking(TypedDict, total=False):
    """The words beside a statement; all calls that ask take the same."""

    purpose: Required[str]
    """What the answer is for, as the agreement names it."""
    agreement: str | None
    """The one agreement under which it is asked."""
    agreements: Sequence[str]
    """Several that allow joins: each `ID`, or `NAME=ID` where the statement calls its table NAME."""
    named: str | None
    """A template of the agreement, or a question that your firm keeps, instead of a statement."""
    parameters: Values
    """Values for its ``$name``, or for its ``?`` in their order; they are never part of its text."""


def body_of(
    sql: str | None,
    *,
    purpose: str,
    agreement: str | None = None,
    agreements: Sequence[str] = (),
    named: str | None = None,
    parameters: Values = (),
) -> dict[str, Any]:
    """Give what is sent of a question."""
    under = {"agreements": list(agreements)} if agreements else {"agreement": agreement}
    what = {"sql": sql} if named is None else {"named": named}
    return {**under, **what, "purpose": purpose, "parameters": sent(parameters)}
