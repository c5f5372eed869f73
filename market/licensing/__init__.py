"""Offers, requests and agreements: what was promised to whom, as signed text."""
