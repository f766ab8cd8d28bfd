"""Sparse matrix times dense matrix, with gradients to both, with and without vmap."""

import warnings
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy import sparse
from torch import Tensor


class SparsePattern(NamedTuple):
    """Where a sparse (rows, columns) matrix has entries; their values (nnz,) are kept apart.

    Entries are sorted by row. `order` sorts them by column instead, for the transpose, and
    `row_by_column` are their rows in that order.
    """

    row: Tensor  # (nnz,)
    column: Tensor  # (nnz,)
    row_start: Tensor  # (rows + 1,)
    order: Tensor  # (nnz,)
    row_by_column: Tensor  # (nnz,)
    column_start: Tensor  # (columns + 1,)

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return len(self.row_start) - 1, len(self.column_start) - 1

    @classmethod
    def from_scipy(
        cls, matrix: sparse.csr_matrix, device: torch.device | str = "cpu"
    ) -> "SparsePattern":
        """The pattern of a CSR matrix with sorted indices; `matrix.data` are the values."""
        rows, columns = matrix.shape
        row = np.repeat(np.arange(rows), np.diff(matrix.indptr))
        order = np.argsort(matrix.indices, kind="stable")
        counts = np.bincount(matrix.indices, minlength=columns)
        column_start = np.concatenate([[0], np.cumsum(counts)])
        arrays = (row, matrix.indices, matrix.indptr, order, row[order], column_start)
        # MKL uses 32-bit indices as they are and would convert others at every product.
        dtypes = (np.int64, np.int32, np.int32, np.int64, np.int32, np.int32)
        pairs = zip(arrays, dtypes, strict=True)
        return cls(*(torch.from_numpy(a.astype(dtype)).to(device) for a, dtype in pairs))

    def blocks(self, count: int) -> "SparsePattern":
        """The block-diagonal pattern of `count` copies."""
        rows, columns = self.shape
        step = torch.arange(count, device=self.row.device)[:, None]

        def repeat(index: Tensor, size: int) -> Tensor:
            return (index + step.to(index.dtype) * size).flatten()

        def starts(start: Tensor) -> Tensor:
            return torch.cat([repeat(start[:-1], int(start[-1])), start[-1:] * count])

        return SparsePattern(
            repeat(self.row, rows),
            repeat(self.column, columns),
            starts(self.row_start),
            repeat(self.order, len(self.order)),
            repeat(self.row_by_column, rows),
            starts(self.column_start),
        )


@cache
def _consume_beta_warning() -> None:
    """Trigger and ignore the warning that CSR tensors are in beta; torch gives it only once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.sparse_csr_tensor([0, 1], [0], [0.0], (1, 1), check_invariants=False)


def _csr(start: Tensor, index: Tensor, values: Tensor, columns: int) -> Tensor:
    _consume_beta_warning()
    shape = (len(start) - 1, columns)
    return torch.sparse_csr_tensor(start, index, values, shape, check_invariants=False)


def _multiply(start: Tensor, index: Tensor, values: Tensor, dense: Tensor) -> Tensor:
    return _csr(start, index, values, dense.shape[0]) @ dense


def _gather_scatter(pattern: SparsePattern, values: Tensor, dense: Tensor) -> Tensor:
    """The product by operations that all devices, vmap and autograd support."""
    messages = values[:, None] * dense.index_select(0, pattern.column)
    zeros = dense.new_zeros(pattern.shape[0], dense.shape[1])
    return torch.index_add(zeros, 0, pattern.row, messages)


class _SparseMatmul(torch.autograd.Function):
    """CSR products, the fastest on a CPU. vmap does not support them and uses the other form."""

    @staticmethod
    def forward(values: Tensor, dense: Tensor, *pattern: Tensor) -> Tensor:
        p = SparsePattern(*pattern)
        return _multiply(p.row_start, p.column, values, dense)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        values, dense, *pattern = ctx.saved_tensors
        p = SparsePattern(*pattern)
        grad_values = grad_dense = None
        if ctx.needs_input_grad[0]:
            # Only those entries of grad @ dense.T that are in the pattern.
            entries = _csr(p.row_start, p.column, torch.zeros_like(values), p.shape[1])
            product = torch.sparse.sampled_addmm(entries, grad.contiguous(), dense.T, beta=0.0)
            grad_values = product.values()
        if ctx.needs_input_grad[1]:
            transposed = values.index_select(0, p.order)
            grad_dense = _multiply(p.column_start, p.row_by_column, transposed, grad.contiguous())
        return grad_values, grad_dense, *[None] * len(pattern)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *inputs: Tensor) -> tuple[Tensor, int]:
        def one(values: Tensor, dense: Tensor) -> Tensor:
            return _gather_scatter(SparsePattern(*inputs[2:]), values, dense)

        return torch.vmap(one, in_dims[:2])(*inputs[:2]), 0


def sparse_matmul(pattern: SparsePattern, values: Tensor, dense: Tensor) -> Tensor:
    """(rows, columns) sparse @ (columns, d) -> (rows, d), differentiable in values and dense.

    `values` (nnz,) are the entries in the pattern's order. Equal to `torch.sparse.mm` in value and
    gradient. Works under `torch.vmap` over values, dense or both, with one pattern for all.
    """
    if dense.device.type == "cpu":
        product: Tensor = _SparseMatmul.apply(values, dense, *pattern)
        return product
    return _gather_scatter(pattern, values, dense)


def row_max(pattern: SparsePattern, values: Tensor) -> Tensor:
    """The largest of each row's entries: (nnz, d) -> (rows, d), -inf for an empty row.

    Four times as fast as a scatter on a CPU. Supports neither autograd nor vmap.
    """
    return torch.segment_reduce(values, "max", offsets=pattern.row_start, axis=0)


def row_sum(pattern: SparsePattern, values: Tensor) -> Tensor:
    """The sum of each row's entries: (nnz, d) -> (rows, d). Supports neither autograd nor vmap."""
    return torch.segment_reduce(values.contiguous(), "sum", offsets=pattern.row_start, axis=0)
