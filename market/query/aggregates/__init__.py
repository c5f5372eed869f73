"""Guarded aggregates: one shape of question, whose every answer is about classes of people and one column of them."""
