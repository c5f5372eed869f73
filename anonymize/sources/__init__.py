"""Raw sources as streams of text: what a cell means is the plan's business, not the reader's."""

from anonymize.sources.reading import Reading, columns_of, open_source
from anonymize.sources.sniff import Sniffed, sniff
from anonymize.sources.steady import sha256_of

__all__ = ["Reading", "Sniffed", "columns_of", "open_source", "sha256_of", "sniff"]
