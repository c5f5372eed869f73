"""Proposals for abstracts of cancer registries: by the item of the NAACCR dictionary, not by the looks of a value.

An abstract has hundreds of items. Those that name or reach somebody are direct identifiers, texts are redacted, six
that others know are quasi-identifiers, and a few that matter to most studies stay as sensitive attributes. Every item
more makes classes smaller or has to pass l and t in each, so the rest is left out until the steward asks for it.
"""

import re
from collections.abc import Sequence
from functools import cache

from anonymize.data import facts
from anonymize.proposals.proposal import Proposal, direct, dropped, kind, quasi
from anonymize.shapes import Shape
from policies.plan import Column, Role, Treatment

ENOUGH = 5
"""Items of the dictionary from which on a source is one of abstracts, if they are most of its columns."""
SUBJECT = "patientIdNumber"

_NAMES = re.compile(r"name(?:Last|First|Middle|Suffix|Prefix|Alias|Maiden|BirthSurname|SpouseParent)")
_NUMBERS = re.compile(
    r"socialSecurityNumber|telephone|followUpContact\w*|medicalRecordNumber|militaryRecordNo\w*|patientSystemIdHosp|"
    r"accessionNumber\w*|dcStateFileNumber|medicareBeneficiaryIdentifier|edpMdeLink\w*|path\w*|vendorName|"
    r"abstractedBy|\w*[pP]hysician\w*|\w*(?<!noPatient)Facility\w*|reportingFacility\w*|npi\w+|institutionReferred\w*|"
    r"managing\w*|dateOfBirth|recordNumberRecode|registryId|coordinate\w*"
)
_WHERE = re.compile(r"addr(?!AtDxState|AtDxCountry)\w*|latitude|longitude|census(?:Tract|Block|Tr)\w*|geocod\w*|gis\w*")
_TEXTS = re.compile(r"(?:rxText|text)[A-Z]\w*|ehrReporting")
_QUASI = {
    "sex": (Treatment.GROUP, None),
    "sexAssignedAtBirth": (Treatment.GROUP, None),
    "race1": (Treatment.GROUP, None),
    "ageAtDiagnosis": (Treatment.AGE, None),
    "dateOfDiagnosis": (Treatment.DATE, "iso_date"),
    "primarySite": (Treatment.TOPOGRAPHY, "icdo3_topography"),
    "histologicTypeIcdO3": (Treatment.MORPHOLOGY, "icdo3_morphology"),
}
_KNOWN = re.compile(
    r"race[2-5]|spanishHispanicOrigin|computedEthnicity|nhia\w*|napiia\w*|ihsLink|birthplace\w*|marital\w*|county\w*|"
    r"addrAtDxState|addrAtDxCountry|dateOf\w*|vitalStatusRecode|occupation\w*|\w*Ruca\w*|\w*Rural\w*|placeOfDeath\w*"
)
_STUDIED = ("behaviorCodeIcdO3", "vitalStatus")


@cache
def items() -> dict[str, dict[str, str]]:
    """Give the dictionary by the identifier of the item."""
    return {row["id"]: row for row in facts("naaccr_items.csv")}


def looks_like(names: Sequence[str]) -> bool:
    """Say whether columns of these *names* are the items of abstracts."""
    known = sum(name in items() for name in names)
    return known >= ENOUGH and 2 * known > len(names) and SUBJECT in names


def proposal(shape: Shape) -> Proposal | None:
    """Propose for an item of the dictionary; a column that is none is left to the rules."""
    if shape.name not in items():
        return None
    if shape.name == SUBJECT:
        return _subject(shape)
    if shape.type == "empty":
        return dropped(shape, Role.INSENSITIVE, "Holds no value.")
    return _identifier(shape) or _known(shape) or _clinical(shape)


def _subject(shape: Shape) -> Proposal:
    if shape.unique:
        column = Column(name=shape.name, role=Role.SUBJECT, treatment=Treatment.TOKEN, scrub="value")
        return Proposal(column, "Says whose abstract it is: one tumour each. Replaced by a token of this edition.")
    column = Column(name=shape.name, role=Role.SUBJECT, treatment=Treatment.DROP, scrub="value")
    people = f"{shape.distincts:,} people in {shape.rows:,} abstracts"
    return Proposal(column, f"Says whose abstract it is: {people}. Left out, so that no two rows are linked.")


def _identifier(shape: Shape) -> Proposal | None:
    if _NAMES.fullmatch(shape.name):
        return direct(shape, "NAACCR: part of a person's name.", "name")
    if _NUMBERS.fullmatch(shape.name):
        return direct(shape, "NAACCR: names or reaches a person, a record, a physician or a facility.")
    if _WHERE.fullmatch(shape.name):
        return direct(shape, "NAACCR: says where somebody lives, finer than a county.", "address")
    if _TEXTS.fullmatch(shape.name):
        column = Column(name=shape.name, role=Role.FREE_TEXT, treatment=Treatment.REDACT)
        return Proposal(
            column, "NAACCR: text of the abstract. What rules find and the row's own names go: read samples or drop it."
        )
    return None


def _known(shape: Shape) -> Proposal | None:
    if shape.name in _QUASI:
        treatment, standard = _QUASI[shape.name]
        return quasi(
            shape, treatment, "NAACCR: others know it about a person, and most studies need it.", standard=standard
        )
    if _KNOWN.fullmatch(shape.name) or items()[shape.name]["type"] in ("date", "dateTime"):
        return dropped(
            shape,
            Role.QUASI_IDENTIFIER,
            "NAACCR: others may know it. Left out, for with more than six such columns no classes of enough people are "
            "left; swap it with another if it matters more.",
        )
    return None


def _clinical(shape: Shape) -> Proposal:
    if shape.distincts == 1 and not shape.missing:
        column = Column(name=shape.name, role=Role.INSENSITIVE, treatment=Treatment.KEEP)
        return Proposal(column, "NAACCR: the same value in every abstract.")
    if shape.name in _STUDIED and _varies(shape):
        column = Column(name=shape.name, role=Role.SENSITIVE_ATTRIBUTE, treatment=Treatment.KEEP, kind=kind(shape))
        return Proposal(column, "NAACCR: most studies need it, and others may learn it.")
    share = shape.missing / shape.rows
    return dropped(
        shape,
        Role.SENSITIVE_ATTRIBUTE,
        f"NAACCR: {items()[shape.name]['name']}, empty in {share:.0%} of abstracts. Left out: each attribute more has "
        "to vary enough in every class. Keep it if the study needs it.",
    )


def _varies(shape: Shape) -> bool:
    """Say whether a coded value differs in more than a few rows; else no class could show two of its values."""
    return not shape.quantiles or shape.quantiles[0] != shape.quantiles[-1]
