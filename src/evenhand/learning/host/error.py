"""The error of environments that worker processes step; apart, for it is known where neither is loaded."""

from evenhand.errors import InputError


class HostError(InputError):
    """An environment on the host broke a rule or failed; the message says which, for which agent and at which step."""
