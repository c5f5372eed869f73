"""Why data is used, in the codes of the GA4GH Data Use Ontology (DUO)."""

from enum import StrEnum


class Purpose(StrEnum):
    """Why data is used."""

    GENERAL_RESEARCH = "DUO:0000042"
    HEALTH_RESEARCH = "DUO:0000006"
    DISEASE_RESEARCH = "DUO:0000007"
    METHODS_DEVELOPMENT = "DUO:0000015"
