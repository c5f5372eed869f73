"""The three raw sources of the demo: real records, invented identities, canaries planted among both."""
