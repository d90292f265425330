"""The program: settings, wiring and the command line; the only package that imports all others."""

__version__ = "0.1.0"
