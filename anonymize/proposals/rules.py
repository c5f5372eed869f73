"""The rules by which a column of an unknown layout gets its role and treatment.

Rules are tried in order; the first that speaks decides. Names of columns are hints, values are evidence; where
neither is clear the stricter role is proposed and the reason says so.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from anonymize.proposals import words
from anonymize.proposals.proposal import Proposal, Rule, direct, dropped, kind, quasi
from anonymize.shapes import HARMLESS, Shape
from policies.plan import Column, Role, Treatment

CELL = 11
"""Fewer distinct values than this repeat often enough to be published as they are."""

LONG = 10**8
"""Whole numbers from here on have nine digits: as many as numbers of people, cards and records have."""

_TOKEN_LIKE = frozenset(
    {
        "CN_ID",
        "PHONE",
        "BANK_CARD",
        "USCC",
        "PLATE",
        "PASSPORT",
        "PERMIT",
        "EMAIL",
        "WECHAT",
        "QQ",
        "MRN",
        "INSURANCE_NO",
    }
)


def subject(shapes: Sequence[Shape]) -> Shape:
    """Choose the column that says whose row it is: by name, then an identity number, then by being unique."""
    hinted = [shape for shape in shapes if words.says(words.SUBJECT, shape.name) and not shape.missing]
    numbers = [shape for shape in shapes if shape.wholly.get("CN_ID", 0) > 0.5]
    unique = [shape for shape in shapes if shape.unique and shape.type != "number"]
    return next(iter(hinted + numbers + unique), max(shapes, key=lambda shape: (shape.distincts, -shape.missing)))


def as_subject(shape: Shape) -> Proposal:
    """Propose *shape* as the column that says whose row it is."""
    column = Column(name=shape.name, role=Role.SUBJECT, treatment=Treatment.TOKEN, scrub="value")
    if shape.distincts < shape.rows:
        repeats = f"{shape.distincts:,} distinct values in {shape.rows:,} rows: check that it is one per person"
        return Proposal(column, f"Taken for the column that says whose row it is; {repeats}.")
    return Proposal(column, "Says whose row it is: one value per row. Replaced by a token of this edition.")


def proposal(shape: Shape) -> Proposal:
    """Propose by the first rule that speaks."""
    return next(found for rule in _RULES if (found := rule(shape)) is not None)


def _empty(shape: Shape) -> Proposal | None:
    if shape.type != "empty":
        return None
    return dropped(shape, Role.INSENSITIVE, "Holds no value.")


def _identifier(shape: Shape) -> Proposal | None:
    kind = max(sorted(_TOKEN_LIKE), key=lambda kind: shape.wholly.get(kind, 0))
    if shape.wholly.get(kind, 0) >= 0.1 and shape.type != "date":
        return direct(shape, f"{shape.wholly[kind]:.0%} of its values are {kind} and nothing else.")
    for hint, what in (
        (words.ID, "an identity number"),
        (words.CONTACT, "a way to reach somebody"),
        (words.SUBJECT, "a record number"),
    ):
        if words.says(hint, shape.name):
            return direct(shape, f"Its name says {what}.")
    return None


def _uid(shape: Shape) -> Proposal | None:
    if not words.says(words.UID, shape.name) or words.says(words.TECHNICAL, shape.name):
        return None
    return direct(shape, "A globally unique identifier: whoever holds the source finds the record by it.")


def _coordinate(shape: Shape) -> Proposal | None:
    if shape.type != "number" or not words.says(words.COORDINATE, shape.name):
        return None
    if not -180 <= shape.quantiles[0] <= shape.quantiles[2] <= 180:
        return None
    return quasi(shape, Treatment.GRID, "A coordinate: it says where somebody was to the metre. In cells of a grid.")


def _device(shape: Shape) -> Proposal | None:
    if not words.says(words.DEVICE, shape.name) or shape.mostly_different or shape.type not in ("category", "text"):
        return None
    return quasi(shape, Treatment.GROUP, "Says how and on what somebody was examined: they and their doctors know.")


def _note(shape: Shape) -> Proposal | None:
    if shape.type != "text" or (
        shape.median_length < 2 * 16 and not (words.says(words.NOTE, shape.name) and shape.median_length > 6)
    ):
        return None
    if words.says(words.ADDRESS, shape.name):
        return None
    named = ", ".join(shape.findings) or "nothing that rules find"
    column = Column(name=shape.name, role=Role.FREE_TEXT, treatment=Treatment.REDACT)
    return Proposal(column, f"Running text; holds {named}. Some names of others may stay: read samples or drop it.")


def _name(shape: Shape) -> Proposal | None:
    if shape.type not in ("text", "category"):
        return None
    looks = shape.looks["name"]
    if words.says(words.NAME, shape.name) and (looks >= 0.3 or shape.mostly_different):
        return direct(shape, f"Its name says a person's name; {looks:.0%} of its values look like one.", "name")
    if looks >= 0.8 and shape.mostly_different:
        return direct(shape, f"{looks:.0%} of its values look like Chinese names. Unsure: the stricter role.", "name")
    return None


def _address(shape: Shape) -> Proposal | None:
    share = shape.findings.get("ADDRESS", 0) / max(shape.distincts, 1)
    if share < 0.3 and not (words.says(words.ADDRESS, shape.name) and shape.type == "text"):
        return None
    return direct(shape, f"{share:.0%} of its values are or hold an address.", "address")


def _place(shape: Shape) -> Proposal | None:
    looks = shape.looks["place"]
    if looks < 0.95 or not (words.says(words.PLACE, shape.name) or shape.distincts > 1):
        return None
    return quasi(shape, Treatment.PLACE, "Six-digit codes of GB/T 2260: an acquaintance knows where somebody lives.")


def _date(shape: Shape) -> Proposal | None:
    if shape.type != "date":
        return None
    if words.says(words.BIRTH, shape.name):
        return direct(shape, "A date of birth: identifying to the day. Dropped; an age may be computed from it.")
    if shape.median_length > len("2020-01-01T"):
        return quasi(shape, Treatment.TIME, "A moment: who was near knows it. Published as a day, month or year.")
    return quasi(
        shape,
        Treatment.DATE,
        "A date: an acquaintance may know it. Shifted per subject, then generalised.",
        standard="iso_date",
    )


def _age(shape: Shape) -> Proposal | None:
    if shape.type != "integer" or not words.says(words.AGE, shape.name) or shape.quantiles[2] > 120:
        return None
    return quasi(shape, Treatment.AGE, "An age: an acquaintance knows it. Banded and top-coded.")


def _code(shape: Shape) -> Proposal | None:
    for hint, key, treatment in (
        (words.SITE, "topography", Treatment.TOPOGRAPHY),
        (words.MORPHOLOGY, "morphology", Treatment.MORPHOLOGY),
    ):
        if shape.looks[key] >= 0.95 and (words.says(hint, shape.name) or key == "topography"):
            return quasi(shape, treatment, "An ICD-O-3 code: the kind of tumour is often known. Rolls up by its tree.")
    return None


def _known(shape: Shape) -> Proposal | None:
    if not words.says(words.KNOWN, shape.name) or shape.mostly_different or shape.findings.keys() - HARMLESS:
        return None
    if shape.type in ("integer", "number") and shape.distincts > CELL:
        return replace(_banded(shape, Role.QUASI_IDENTIFIER), reason="Its name says something others know. In bands.")
    return quasi(shape, Treatment.GROUP, "Its name says something others know about a person.")


def _constant(shape: Shape) -> Proposal | None:
    if shape.distincts != 1 or shape.findings or shape.missing:
        return None  # where only some rows have a value, having one says something
    column = Column(name=shape.name, role=Role.INSENSITIVE, treatment=Treatment.KEEP, kind=kind(shape))
    return Proposal(column, "The same value in every row.")


def _category(shape: Shape) -> Proposal | None:
    # A coded value is a category as well, unless its values are nearly all different.
    if shape.distincts > CELL or shape.mostly_different or shape.findings.keys() - HARMLESS:
        return None
    if 2 * shape.distincts > shape.rows - shape.missing:
        return None
    column = Column(name=shape.name, role=Role.SENSITIVE_ATTRIBUTE, treatment=Treatment.KEEP, kind=kind(shape))
    return Proposal(
        column, f"{shape.distincts} values that repeat. Taken for something others do not know but may learn."
    )


def _number(shape: Shape) -> Proposal | None:
    if shape.type not in ("integer", "number"):
        return None
    if shape.unique and shape.type == "integer":
        return direct(
            shape, "A different whole number in every row: it may be a record number. Unsure: the stricter role."
        )
    if shape.type == "integer" and abs(shape.quantiles[1]) >= LONG:
        return direct(shape, "Numbers of nine digits or more are names of something. Unsure: the stricter role.")
    return _banded(shape, Role.SENSITIVE_ATTRIBUTE)


def _banded(shape: Shape, role: Role) -> Proposal:
    low, _, high = shape.quantiles
    width = _nice((high - low) / 5)
    lower = math.floor(low / width) * width
    upper = lower + 4 * max(1, math.ceil((high - lower) / width / 4)) * width
    column = Column(
        name=shape.name,
        role=role,
        treatment=Treatment.BAND,
        widths=(width, 2 * width, 4 * width),
        lower=None if lower == 0 else lower,
        upper=upper,
    )
    return Proposal(
        column, "A measured number: exact values single people out. Published in bands, its tails as one band each."
    )


def _nice(width: float) -> float:
    """Round up to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(width)) if width > 0 else 1.0
    nice = next(step * power for step in (1, 2, 5, 10) if step * power >= width)
    return int(nice) if nice >= 1 else round(nice, 12)


def _unsure(shape: Shape) -> Proposal | None:
    if shape.distincts > CELL or shape.findings:
        return direct(shape, "Labels of many kinds, or with personal data in some. Unsure: the stricter role.")
    column = Column(name=shape.name, role=Role.SENSITIVE_ATTRIBUTE, treatment=Treatment.GROUP)
    return Proposal(column, "Few labels that hardly repeat. Unsure: taken as sensitive.")


_RULES: tuple[Rule, ...] = (
    _empty,
    _date,
    _place,
    _age,
    _coordinate,
    _uid,
    _identifier,
    _note,
    _name,
    _address,
    _code,
    _known,
    _device,
    _constant,
    _category,
    _number,
    _unsure,
)
