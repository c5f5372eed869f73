"""A witness: a program of somebody else, with a key and a memory of its own, that cosigns what only ever grows."""
