"""From a question to its answer: assess and price it, run it in a sandbox, charge it, and prove it.

`statements` and `workers` are the one place where a licensee's SQL meets DuckDB; they know no members, agreements or
database. The modules beside them bring the agreement, the ledger and the log together around them.
"""
