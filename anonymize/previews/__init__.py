"""What anybody may see of a release before signing anything, and what differs from one release to the next."""
