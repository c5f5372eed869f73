"""Integer accounts in double entry: money, bytes, rows and requests."""
