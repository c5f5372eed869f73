"""How a dataset is found: words of Chinese and Latin, facets, corrections and saved searches, on either database.

What is kept here is derived from the catalogue: `index.reindex` makes it again. Saved searches alone are not.
"""
