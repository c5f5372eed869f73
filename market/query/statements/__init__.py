"""What a statement may be, touches and must read: the gate, the lineage and the footprint. No data is opened here."""
