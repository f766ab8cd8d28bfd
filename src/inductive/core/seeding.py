"""Seeds and numpy generators: one per seed and role, none shared."""

import hashlib

import numpy as np


def seed_for(role: str, seed: int) -> int:
    """A seed in [0, 2^63) for one role of one seed; different roles are unrelated."""
    return int.from_bytes(hashlib.sha256(f"{role}:{seed}".encode()).digest()[:8]) >> 1


def numpy_generator(role: str, seed: int) -> np.random.Generator:
    """The numpy generator of one role of one seed."""
    return np.random.default_rng(seed_for(role, seed))
