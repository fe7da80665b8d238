"""The tests, in a package that mirrors `src`; helper modules are imported from it by name."""
