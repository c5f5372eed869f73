"""k-anonymity: hierarchies checked as trees, the lattice of their levels, and the exact search over it."""
