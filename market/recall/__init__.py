"""What follows when data must come back: recalls, notices, attestations of deletion, escalations and incidents."""
