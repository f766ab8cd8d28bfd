"""Unpickles the Planetoid files, which Python 2 wrote, without running code that they may hold."""

import io
import pickle
from pathlib import Path
from typing import Any

from inductive.core.errors import InputError

# A pickle can name any callable; these are all that the published files name.
_ADMITTED = {
    ("numpy.core.multiarray", "_reconstruct"): ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"): ("numpy._core.multiarray", "_reconstruct"),
    ("numpy", "ndarray"): ("numpy", "ndarray"),
    ("numpy", "dtype"): ("numpy", "dtype"),
    ("scipy.sparse.csr", "csr_matrix"): ("scipy.sparse", "csr_matrix"),
    ("scipy.sparse._csr", "csr_matrix"): ("scipy.sparse", "csr_matrix"),
    ("collections", "defaultdict"): ("collections", "defaultdict"),
    ("__builtin__", "list"): ("builtins", "list"),
    ("builtins", "list"): ("builtins", "list"),
    ("_codecs", "encode"): ("_codecs", "encode"),
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ADMITTED:
            raise pickle.UnpicklingError(f"names {module}.{name}, which is not admitted")
        return super().find_class(*_ADMITTED[module, name])


def unpickle(path: Path) -> Any:
    """The numpy array, scipy CSR matrix or adjacency dictionary in a Planetoid file.

    Raises InputError for a file that is not a pickle or that names any other type.
    """
    try:
        return _Unpickler(io.BytesIO(path.read_bytes()), encoding="latin1").load()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except Exception as error:  # a damaged pickle can raise anything
        raise InputError(f"{path}: not a readable Planetoid pickle: {error}") from None
