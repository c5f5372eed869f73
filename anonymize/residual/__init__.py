"""What personal data is left in texts that were treated, looked for by other means than those that removed it.

Nothing of `anonymize.detect` is imported here (an import contract holds it): two methods that share code miss the
same. Persons are found by a dictionary and the statistics of names, numbers by their layout and checksum, and the
source's own identifiers by hashed n-grams. Figures leave this package, never a text.
"""

from anonymize.residual.figures import METHOD, Figures
from anonymize.residual.known import Known, KnownBuilder
from anonymize.residual.measuring import audit, texts_of
from anonymize.residual.search import Left, search

__all__ = ["METHOD", "Figures", "Known", "KnownBuilder", "Left", "audit", "search", "texts_of"]
