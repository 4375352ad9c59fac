"""CauGym: teach language models to do causal inference, and prove that they can."""

__version__ = "0.1.0"
