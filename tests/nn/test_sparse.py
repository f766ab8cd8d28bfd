"""The sparse product against a dense one, and its patterns."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy import sparse

from inductive.nn.sparse import SparsePattern, sparse_matmul


@pytest.mark.parametrize("shape", [(6, 9), (9, 6), (5, 5)])
def test_sparse_product_against_dense(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    matrix = sparse.random(*shape, density=0.4, format="csr", random_state=rng, dtype=np.float64)
    matrix.sort_indices()
    pattern = SparsePattern.from_scipy(matrix)
    values = torch.from_numpy(matrix.data).requires_grad_()
    dense = torch.randn(shape[1], 3, dtype=torch.float64, requires_grad=True)
    out = sparse_matmul(pattern, values, dense)
    torch.testing.assert_close(out, torch.from_numpy(matrix.toarray()) @ dense)
    assert torch.autograd.gradcheck(
        lambda v, d: sparse_matmul(pattern, v, d), (values, dense), raise_exception=True
    )
    many = torch.randn(4, *dense.shape, dtype=torch.float64)
    together = torch.vmap(lambda d: sparse_matmul(pattern, values, d))(many)
    torch.testing.assert_close(
        together, torch.stack([sparse_matmul(pattern, values, d) for d in many])
    )


def test_blocks_are_a_block_diagonal_matrix() -> None:
    matrix = sparse.random(4, 6, density=0.5, format="csr", random_state=0)
    matrix.sort_indices()
    values = torch.from_numpy(np.concatenate([matrix.data, 2 * matrix.data]))
    dense = torch.randn(12, 3, dtype=torch.float64)
    expected = sparse.block_diag([matrix, 2 * matrix]) @ dense.numpy()
    product = sparse_matmul(SparsePattern.from_scipy(matrix).blocks(2), values, dense)
    torch.testing.assert_close(product, torch.from_numpy(expected))


def test_a_product_gives_no_warning_and_does_not_change_the_warning_filters() -> None:
    """Torch warns once that CSR tensors are in beta."""
    code = (
        "import warnings; import torch; from scipy import sparse\n"
        "filters = list(warnings.filters)\n"
        "from inductive.nn.sparse import SparsePattern, sparse_matmul\n"
        "pattern = SparsePattern.from_scipy(sparse.identity(3, format='csr'))\n"
        "sparse_matmul(pattern, torch.ones(3), torch.ones(3, 2))\n"
        "assert warnings.filters == filters\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
