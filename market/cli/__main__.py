"""`python -m market.cli` is `sluice`."""

from market.cli.main import main

main()
