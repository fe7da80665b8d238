"""What type checkers make of the public names: read by mypy and pyright, run by nobody.

`assert_type` says what an expression is. A `type: ignore` says that there is an error, and is one
itself where there is none (`warn_unused_ignores`).
"""
