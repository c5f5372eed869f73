"""What a search comes to."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anonymize.kanonymity.lattice import Node

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best node, and what it costs."""

    node: Node
    suppressed: int
    """Rows left out."""
    suppressed_classes: int
    """Equivalence classes left out."""
    classes: int
    """Equivalence classes left."""
    loss: float
    checks: int
    """Nodes whose classes were formed."""
    seconds: float
    kept: Bools
    """Per unit, or per row where rows were given: whether it stays."""
    nodes: int
    """Nodes in the lattice searched."""
