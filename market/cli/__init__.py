"""The command `sluice`: each command parses, calls one service and prints."""
