"""TypeScript made of the schema and of a file of operations, for frontends.

Strawberry's own generator does not serve: it writes `undefined` where JSON has null, and `enum`s
(which are no erasable syntax, so nothing runs them without a compiler); it takes one operation a
file, and does not tell a union's members apart by `__typename`, by which refusals are read.
"""

from berth.typescript.generate import BadOperations, typescript

__all__ = ["BadOperations", "typescript"]
