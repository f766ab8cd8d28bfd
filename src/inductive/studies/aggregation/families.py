"""The two families of aggregators. Imports no torch."""

PARAMETER = {"softmax": "inverse_temperature", "power": "power"}
"""Family -> the name of its parameter (λ or q)."""
