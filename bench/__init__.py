"""Benchmarks of codex_proto: `python -m bench` from the root of the repository."""
