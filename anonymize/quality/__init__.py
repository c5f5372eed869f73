"""The quality report of a raw source: how much is missing, doubled, valid, in range and in order, per column.

It goes into the evidence, which everybody may read. So it holds counts, shares and scores, never a cell; and a count
of fewer rows than the strictest profile's smallest class is only said to be that small, as is its complement. All
counting is DuckDB's, which spills to disk; Python reads each distinct value of the checked columns once, in batches.
"""

from anonymize.quality.reporting import report
from anonymize.quality.telling import Count, smallest_told, told
from anonymize.quality.values import EXACT

__all__ = ["EXACT", "Count", "report", "smallest_told", "told"]
