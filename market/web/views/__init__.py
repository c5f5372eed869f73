"""What pages show, worked out from evidence and previews before any template writes it down."""
