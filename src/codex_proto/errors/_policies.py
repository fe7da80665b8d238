"""What the server's policies do not allow: one class for each of them.

Source: additions-2026-11.md 1.1 and 4; wire.md 1.8 and 6.4.
"""

from __future__ import annotations

from typing import Any

from codex_proto._secrets import redact_values
from codex_proto.errors._api import ApiError
from codex_proto.errors._response import InvalidRequest

__all__ = [
    "AccessProgramNotEnabled",
    "BioPolicy",
    "ContentPolicyViolation",
    "CyberPolicy",
    "InferenceHookDenied",
    "InvalidPrompt",
    "MisalignmentPolicyViolation",
    "PolicyCapacityUnavailable",
    "UnsupportedAccessProgram",
]


class InvalidPrompt(InvalidRequest):
    """The input was refused for what it says (`invalid_prompt`)."""

    default_message = "Invalid request."


class BioPolicy(InvalidRequest):
    """The request was stopped as a possible biological risk."""

    default_message = "The request was flagged as a possible biological risk."


class ContentPolicyViolation(InvalidRequest):
    """The request was stopped by the policy on content."""

    default_message = "The request violates the policy on content."


class CyberPolicy(ApiError):
    """The request was stopped as a possible risk to security."""

    default_message = "The request was flagged as a possible cybersecurity risk."


class MisalignmentPolicyViolation(ApiError):
    """The request was stopped by the policy on misalignment.

    `misalignment` is the server's record of it as JSON, None where it sent none:
    `detailed_explanation`, `error_type` (such as `potentially_unintended_data_access`),
    `review_target`, and `steer`, whose `message` may be put to the model. What looks like a
    credential reads `[redacted]`.
    """

    default_message = "The request violates the policy on misalignment."

    misalignment: dict[str, Any] | None = None

    @classmethod
    def _settle(cls, values: dict[str, Any]) -> None:
        super()._settle(values)
        values["misalignment"] = redact_values(values["misalignment"])


class InferenceHookDenied(InvalidRequest):
    """A hook of the organization's refused the request."""

    default_message = "A hook of the organization denied the request."


class AccessProgramNotEnabled(InvalidRequest):
    """The request needs an access program that the account is not in."""

    default_message = "The access program is not enabled for this account."


class UnsupportedAccessProgram(InvalidRequest):
    """The request names an access program that the model or the server does not have."""

    default_message = "The access program is not supported."


class PolicyCapacityUnavailable(ApiError):
    """No capacity for requests that the policies restrict: try much later."""

    default_message = "No capacity is available for requests under this policy."
