"""Persons in Chinese text: how they are named, and what looks like a name and is none."""
