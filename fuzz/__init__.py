"""Fuzz targets for everything that takes bytes from a peer, and two engines to run them."""
