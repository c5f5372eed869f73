"""Who acts: a member with a key in hand."""

from dataclasses import dataclass

from anonymize.signing import Signer
from catalog.ids import MemberId


@dataclass(frozen=True, slots=True)
class Actor:
    """A member who acts with a key in hand."""

    id: MemberId
    signer: Signer
