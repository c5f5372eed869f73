"""Identifiers with a structure in Chinese text, and what looks like one and is none."""
