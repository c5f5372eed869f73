"""Everything between people and data: parties, licences, questions, the ledger, the log and the doors."""
