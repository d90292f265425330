"""Mutations: one file per noun. Each answers with a union of its result and named refusals."""
