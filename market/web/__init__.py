"""The public pages: what is offered, how risky it was measured, and the log's newest checkpoint."""
