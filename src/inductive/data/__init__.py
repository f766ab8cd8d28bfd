"""Datasets: the registry, fetching, and one module per dataset or file format."""
