"""Drivers and tools around `codex_proto`: what does I/O lives here, every decision lives there."""
