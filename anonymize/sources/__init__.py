"""Raw sources, read whole and as text: what a cell means is the plan's business, not the reader's."""
