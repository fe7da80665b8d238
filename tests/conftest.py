"""How thoroughly the properties are looked at: the hypothesis profiles.

`HYPOTHESIS_PROFILE` names one; without it a continuous-integration run (`CI` is set) takes `ci`
and everybody else `dev`.
"""

from __future__ import annotations

import gc
import os

from hypothesis import HealthCheck, settings

# No deadlines anywhere: how long one example takes says more about the machine than about us.
# `too_slow` judges the machine in the same way.
_COMMON = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("dev", _COMMON, max_examples=40)
# The same examples each time, so that a change is judged by what it changed; new ones are looked
# for at night.
settings.register_profile("ci", _COMMON, max_examples=45, derandomize=True)
# For all Pythons of a run but one: what depends on the Python shows in a few examples.
settings.register_profile("few", _COMMON, max_examples=15, derandomize=True)
settings.register_profile("nightly", _COMMON, max_examples=3_000)

settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if "CI" in os.environ else "dev")
)


def pytest_collection_finish() -> None:
    """Take what collecting made out of the garbage collector's sight.

    Tests that collect garbage to see that nothing is left would walk through all tests otherwise,
    each time.
    """
    gc.collect()
    gc.freeze()
