"""Code systems, and values put into them before any treatment: `standardise`."""

from anonymize.standards.standardise import SYSTEMS, Standardised, reader, standardise

__all__ = ["SYSTEMS", "Standardised", "reader", "standardise"]
