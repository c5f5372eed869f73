"""Raw records in, de-identified editions and their evidence out. Knows no database, no HTTP and no buyer."""
