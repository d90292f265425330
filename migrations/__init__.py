"""Berth's migrations: written by hand, applied in order of their names, by `berth migrate`.

Tortoise's automatic ones rebuild SQLite tables and lose child rows, triggers and indexes on the
way; so a migration here is a list of statements (`_operations.py`). What its tables must be, the
models say: a test compares both on both dialects.
"""
