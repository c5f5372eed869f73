"""What is refused to a party."""

from catalog.errors import CatalogError


class PartyError(CatalogError):
    """A firm or member cannot be entered as given."""


class NotAMember(PartyError):
    """The key in hand belongs to nobody here, or its owner may not do this."""
