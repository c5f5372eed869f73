"""Paths that commands take: files that are there."""

from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SOURCE = click.Path(exists=True, path_type=Path)
"""A file, or a folder of files with the same columns."""
