"""The name under which verifiers finds the taskset: see ``caugym.integrations.verifiers``."""

from caugym.integrations.verifiers import CauGymTaskset

__all__ = ["CauGymTaskset"]
