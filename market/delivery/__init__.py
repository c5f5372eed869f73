"""How a result leaves: Arrow, CSV, JSON and Parquet."""
