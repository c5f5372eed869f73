"""The query engine room: the one place where a licensee's SQL meets DuckDB.

A statement passes the gate (what may be asked), the lineage (which columns it touches), the footprint
(what it will cost) and only then a worker in its sandbox. Nothing here knows members, agreements or HTTP.
"""
