"""Keeping a home: housekeeping, garbage, scrubbing, backup and restore."""
