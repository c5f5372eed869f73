"""Publishers, datasets, releases and editions: what exists, in which state, and where its bytes rest."""
