"""Texts looked at before they are treated: a sample, what two detectors find in it, and what a steward marks."""
