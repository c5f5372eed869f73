"""The role and treatment proposed for each column, and why: `propose`."""

from anonymize.proposals.proposal import Proposal
from anonymize.proposals.propose import propose

__all__ = ["Proposal", "propose"]
