"""Fuzz targets for everything that takes a peer's bytes, and two engines to run them with."""
