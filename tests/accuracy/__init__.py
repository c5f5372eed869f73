"""How much personal data detection finds, and how much else it takes: on public labelled text and on our own corpus."""
