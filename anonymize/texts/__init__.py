"""Texts in files: plain text, JSON Lines, CSV and Parquet, searched for personal data or written again without it."""
