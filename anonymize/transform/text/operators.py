"""What takes the place of each span: our own operators, one function each.

presidio-anonymizer is not among our packages: its operators see one value at a time, without whose text it is, so
that they could neither keep a person the same nor shift a date with its subject.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from anonymize.transform.text.drawing import token
from anonymize.transform.text.people import invented
from anonymize.transform.text.persons import Cast
from anonymize.transform.text.rules import Rules
from anonymize.transform.text.spans import Own, Span
from anonymize.transform.text.surrogates import PERSON, stand_in
from anonymize.transform.text.taken import Taken
from anonymize.transform.text.written_ages import capped
from anonymize.transform.text.written_dates import Said, said, shifted
from policies.texts import OPERATORS

MASK = "█"
"""What hides a character; no star, which people write for parts of names."""
FIXED = MASK * 3
"""What a fixed mask is, whatever its length was."""


@dataclass(frozen=True, slots=True)
class Writing:
    """All that decides what is written into one text."""

    rules: Rules
    whose: str
    """Whose text it is: surrogates and tokens are the same within it."""
    shift: int | None
    """Days that the dates of the text move; none: they cannot."""
    days: tuple[Said, ...]
    """The row's own dates, which are not published, shifted or not: a date of birth is one."""
    cast: Cast
    key: bytes = field(repr=False)
    taken: Taken = field(repr=False)
    written: dict[tuple[str, bool, str], str] = field(default_factory=dict, repr=False)
    """What was written for each value: a long text says some of them many times."""

    @classmethod
    def of(
        cls, rules: Rules, own: Own, named: Sequence[str], key: bytes, taken: Taken, whose: str, shift: int | None
    ) -> "Writing":
        """Prepare for a text in which the persons *named* were found."""
        cast = Cast((cell for kind, cell in own if kind == "name"), named)
        days = (said(cell) for kind, cell in own if kind == "value")
        return cls(rules, whose, shift, tuple(day for day in days if day is not None), cast, key, taken)

    def new(self, span: Span, value: str) -> str:
        """Give what takes the place of *value*, which is *span*; a placeholder where its operator finds no answer."""
        same = (span.type, span.own, value)
        if same not in self.written:
            made = WRITERS[self.rules.operator(span.type)](self, span, value)
            self.written[same] = f"[{span.type}]" if made is None else made
        return self.written[same]

    def meant(self, span: Span, value: str) -> str:
        """Give what is meant by *value*, however it is written."""
        if span.type == PERSON:
            return self.cast.mould(value).person
        return "".join(char for char in value.lower() if char.isalnum())


def _placeholder(writing: Writing, span: Span, value: str) -> None:
    return None


def _mask(writing: Writing, span: Span, value: str) -> str:
    return MASK * len(value)


def _fixed(writing: Writing, span: Span, value: str) -> str:
    return FIXED


def _surrogate(writing: Writing, span: Span, value: str) -> str | None:
    if span.type == PERSON:
        return invented(writing.key, writing.whose, writing.cast.mould(value), writing.taken)
    return stand_in(writing.key, writing.whose, span.type, value, writing.taken)


def _token(writing: Writing, span: Span, value: str) -> str:
    return f"[{span.type}:{token(writing.key, span.type, writing.whose, writing.meant(span, value))}]"


def _shift(writing: Writing, span: Span, value: str) -> str | None:
    if span.own or writing.shift is None:
        return None
    found = said(value)
    if found is None or any(found.holds(day) for day in writing.days):
        return None
    return shifted(value, writing.shift)


def _cap(writing: Writing, span: Span, value: str) -> str | None:
    return None if span.own else capped(value)


WRITERS: Mapping[str, Callable[[Writing, Span, str], str | None]] = dict(
    zip(OPERATORS, (_placeholder, _mask, _fixed, _surrogate, _token, _shift, _cap), strict=True)
)
