"""Sentences about invented people, made from templates: what detection is measured and tried on.

Every second template is of the *unseen* half: rules were written by looking at the other half alone.
"""
