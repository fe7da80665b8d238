"""Whole connections without I/O: bytes and a clock in, events and bytes to write out (level 3).

Mutate with `now`, then drain `data_to_send()`, then arm `deadline()`. docs/connections.md shows
the states of each connection; examples/ has the loops.
"""
