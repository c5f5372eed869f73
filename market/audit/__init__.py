"""The log: an RFC 6962 Merkle tree in which every change leaves its witness, in the same transaction."""
