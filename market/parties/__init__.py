"""Firms and members: who acts, and with which key."""
