"""What may be done: frozen values and pure functions over them. Standard library only."""
