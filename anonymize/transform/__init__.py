"""Treatments of columns: each turns source text into leaves of a hierarchy, or into its final published values."""
