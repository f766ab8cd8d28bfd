"""Layers and models, one idea a file."""
