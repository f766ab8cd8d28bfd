"""Readers of published and own files, one module per format."""
