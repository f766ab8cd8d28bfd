"""Inductive: a reproducible atlas of the inductive biases of neural networks."""

__version__ = "0.1.0"
