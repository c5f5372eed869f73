"""The gate over everything published of a dataset: what an attacker learns who holds all of it and joins it by rows.

What is measured (issue: editions, cuts and releases together):

- An attacker knows some *subset of columns*. A row of the finest edition is **linked** to every row of another
  rendering that agrees with it in all columns of the subset that both carry. Labels of two levels agree where the
  finer one, lifted by the tree of the column, is the coarser; kept values and text agree where they are equal; null
  agrees with null. Tokens are never compared: each edition has its own key.
- The **learned value** of a quasi-identifier is the row's own published value, refined by the set of values that the
  linked rows show where the other rendering is finer in that column, or carries it where the finest edition does not.
  A row that is linked to nothing, because the other suppressed it or never had it, learns nothing.
- **k** is the smallest number of subjects in the finest edition that share all values so learned. It is reported with
  all columns known, and for each subset.

The strict reading: own values of *all* quasi-identifiers count as known in every subset, so that each subset's k bounds
from below what an attacker with those columns alone could reach; and rows that learned different sets are told apart
even where the sets overlap. The finest edition is the viewpoint, as the definition says: a coarser edition's rows are
rows of the finest one said less precisely, so its classes are never smaller than what it learns from there.

Two things follow, and spare nearly all the work. A rendering that is nowhere finer teaches nothing: nested editions and
their cuts keep the finest edition's k without a join. And links through quasi-identifiers alone split no class, for all
rows of a class are linked alike: only subsets with another shared column need a join.

Nothing here is shared with the code that builds editions.
"""

from anonymize.linkage.joining import Joined, joined
from anonymize.linkage.renderings import LinkageError, Rendering, finest
from anonymize.linkage.series import TokenJoin, by_token

__all__ = ["Joined", "LinkageError", "Rendering", "TokenJoin", "by_token", "finest", "joined"]
