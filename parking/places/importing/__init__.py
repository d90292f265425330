"""Importing whole places from files: readers make drafts, one verb writes them."""
