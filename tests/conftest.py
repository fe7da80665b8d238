"""How thoroughly the properties are looked at: the hypothesis profiles.

`HYPOTHESIS_PROFILE` names one; without it a continuous-integration run (`CI` is set) takes `ci`
and everybody else `dev`. `few` also leaves out what is marked as `exhaustive`. Examples are the
same each time, so that a change is judged by what it changed; `nightly` alone looks for new ones.
"""

from __future__ import annotations

import gc
import os
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

# No deadlines anywhere: how long one example takes says more about the machine than about us.
# `too_slow` judges the machine in the same way.
_COMMON = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("dev", _COMMON, max_examples=40, derandomize=True)
settings.register_profile("ci", _COMMON, max_examples=45, derandomize=True)
# For all Pythons of a run but one: what depends on the Python shows in a few examples, and trying
# every place and every value once is enough.
settings.register_profile("few", _COMMON, max_examples=8, derandomize=True)
# New examples each time, and so many that a run takes a quarter of an hour (.ci/nightly).
settings.register_profile("nightly", _COMMON, max_examples=200)

PROFILE: Final = os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if "CI" in os.environ else "dev")
settings.load_profile(PROFILE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # A test has the same name in each process, or nobody can run it by that.
    unstable = [item.nodeid for item in items if " at 0x" in item.nodeid]
    if unstable:
        raise pytest.UsageError(f"give ids to these parameters: {unstable[0]}")
    if PROFILE == "few":
        skip = pytest.mark.skip(reason="exhaustive: another Python of this run tries it all")
        for item in items:
            if item.get_closest_marker("exhaustive") is not None:
                item.add_marker(skip)


def pytest_collection_finish() -> None:
    """Take what collecting made out of the garbage collector's sight.

    Tests that collect garbage to see that nothing is left would walk through all tests otherwise,
    each time.
    """
    gc.collect()
    gc.freeze()
