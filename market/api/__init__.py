"""The JSON interface under `/api/v1`: it parses, calls one service, and answers or streams."""
