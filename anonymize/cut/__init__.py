"""Cuts: part of an edition as its own Parquet, suppressed, measured and signed on its own bytes.

Rows are sorted as in the edition, by those of its sort keys that the cut carries; those that sort alike stand in an
order drawn for the cut alone, so positions say nothing of the source, of the edition, or of another cut. Classes that
fall below the profile's k in the cut are left out, and those that miss l or t in a sensitive column; no more of the
filtered rows than the profile's suppression limit. For a sensitive column that the filter uses, l and t would measure
the filter itself: they are inherited from the parent edition, and marked so.
"""

from anonymize.cut.making import make_cut
from anonymize.cut.parent import CutRefused, Parent
from anonymize.cut.proof import check_cut

__all__ = ["CutRefused", "Parent", "check_cut", "make_cut"]
