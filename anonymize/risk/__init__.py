"""Disclosure risk of a file, measured by SQL that shares no code with what wrote it.

Definitions, and where they come from:

- **Class**: the rows that agree on all quasi-identifiers; null agrees with null. Where a subject column is given and
  a subject owns several rows, its class is its whole *set* of quasi-identifier tuples: that is what an attacker sees
  who joins the rows.
- **k**: distinct subjects in the smallest class (Sweeney, IJUFKS 10(5) 2002); rows where there is no subject column.
- **l, distinct** and **entropy** (Machanavajjhala et al., TKDD 1(1) 2007): the fewest distinct values in a class; and
  the smallest exp(−Σ p ln p). Null is a value.
- **t** (Li, Li, Venkatasubramanian, ICDE 2007): the largest earth mover's distance of a class to the whole table.
  Equal distance: ½ Σ |p − q|. Ordered distance, for numbers and dates: Σ |running total of (p − q)| ÷ (m − 1) over
  the m values in order, null last. Both count rows.
- **Prosecutor risk**: 1/k, the highest chance to pick the right row of somebody known to be in the file.
  **Journalist risk**: the same against the population; without a population table the file stands for it, so the
  figure equals the prosecutor's and bounds it from above. **Marketer risk**: classes ÷ subjects, the share of right
  guesses when all are matched (El Emam, Guide to the De-Identification of Personal Health Information, 2013).
- **Sample uniques**: classes of one subject.
"""

from anonymize.risk.loading import Held
from anonymize.risk.measuring import Risk, measure

__all__ = ["Held", "Risk", "measure"]
