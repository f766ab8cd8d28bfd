"""Training: one loop, ensembles of seeds, optimisers, random streams, checkpoints, measurements."""
