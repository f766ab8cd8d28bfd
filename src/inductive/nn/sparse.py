"""Sparse matrix times dense matrix, with gradients to both, alone or under vmap."""

import warnings
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")


class Pattern(NamedTuple):
    """Where a sparse (rows, columns) matrix has entries; its values travel apart.

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
        return len(self.row_start) - 1, len(self.column_start) - 1

    @classmethod
    def from_scipy(cls, matrix: sparse.csr_matrix, device: torch.device | str = "cpu") -> "Pattern":
        """The pattern of a CSR matrix, whose values are then `matrix.data` in its own order."""
        rows, columns = matrix.shape
        row = np.repeat(np.arange(rows), np.diff(matrix.indptr))
        order = np.argsort(matrix.indices, kind="stable")
        counts = np.bincount(matrix.indices, minlength=columns)
        column_start = np.concatenate([[0], np.cumsum(counts)])
        arrays = (row, matrix.indices, matrix.indptr, order, row[order], column_start)
        # MKL takes 32-bit indices as they are and would convert others at every product.
        kinds = (np.int64, np.int32, np.int32, np.int64, np.int32, np.int32)
        pairs = zip(arrays, kinds, strict=True)
        return cls(*(torch.from_numpy(a.astype(kind)).to(device) for a, kind in pairs))

    def blocks(self, count: int) -> "Pattern":
        """The block-diagonal pattern of `count` copies."""
        rows, columns = self.shape
        step = torch.arange(count, device=self.row.device)[:, None]

        def repeat(index: Tensor, size: int) -> Tensor:
            return (index + step.to(index.dtype) * size).flatten()

        def starts(start: Tensor) -> Tensor:
            return torch.cat([repeat(start[:-1], int(start[-1])), start[-1:] * count])

        return Pattern(
            repeat(self.row, rows),
            repeat(self.column, columns),
            starts(self.row_start),
            repeat(self.order, len(self.order)),
            repeat(self.row_by_column, rows),
            starts(self.column_start),
        )


def _csr(start: Tensor, index: Tensor, values: Tensor, columns: int) -> Tensor:
    shape = (len(start) - 1, columns)
    return torch.sparse_csr_tensor(start, index, values, shape, check_invariants=False)


def _multiply(start: Tensor, index: Tensor, values: Tensor, dense: Tensor) -> Tensor:
    return _csr(start, index, values, dense.shape[0]) @ dense


def _gather_scatter(pattern: Pattern, values: Tensor, dense: Tensor) -> Tensor:
    """The product from operations that every device and vmap know, and autograd differentiates."""
    messages = values[:, None] * dense.index_select(0, pattern.column)
    zeros = dense.new_zeros(pattern.shape[0], dense.shape[1])
    return torch.index_add(zeros, 0, pattern.row, messages)


class _SparseMatmul(torch.autograd.Function):
    """CSR products on a CPU: the fastest there, but unknown to vmap, which gets the other form."""

    @staticmethod
    def forward(values: Tensor, dense: Tensor, *pattern: Tensor) -> Tensor:
        p = Pattern(*pattern)
        return _multiply(p.row_start, p.column, values, dense)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        values, dense, *pattern = ctx.saved_tensors
        p = Pattern(*pattern)
        grad_values = grad_dense = None
        if ctx.needs_input_grad[0]:
            # Only the entries of grad @ dense.T that the pattern has.
            wanted = _csr(p.row_start, p.column, torch.zeros_like(values), p.shape[1])
            product = torch.sparse.sampled_addmm(wanted, grad.contiguous(), dense.T, beta=0.0)
            grad_values = product.values()
        if ctx.needs_input_grad[1]:
            transposed = values.index_select(0, p.order)
            grad_dense = _multiply(p.column_start, p.row_by_column, transposed, grad.contiguous())
        return grad_values, grad_dense, *[None] * len(pattern)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *inputs: Tensor) -> tuple[Tensor, int]:
        def one(values: Tensor, dense: Tensor) -> Tensor:
            return _gather_scatter(Pattern(*inputs[2:]), values, dense)

        return torch.vmap(one, in_dims[:2])(*inputs[:2]), 0


def sparse_matmul(pattern: Pattern, values: Tensor, dense: Tensor) -> Tensor:
    """(rows, columns) sparse @ (columns, d) -> (rows, d), differentiable in values and dense.

    `values` (nnz,) are the entries in the pattern's order. Equal to `torch.sparse.mm` in value and
    gradient; works under `torch.vmap` with values and dense mapped or not, the pattern shared.
    """
    if dense.device.type == "cpu":
        return _SparseMatmul.apply(values, dense, *pattern)
    return _gather_scatter(pattern, values, dense)


def row_max(pattern: Pattern, values: Tensor) -> Tensor:
    """The largest of each row's entries: (nnz, d) -> (rows, d), -inf for a row without any.

    Four times as fast as a scatter on a CPU. Neither differentiable nor known to vmap.
    """
    return torch.segment_reduce(values, "max", offsets=pattern.row_start, axis=0)


def row_sum(pattern: Pattern, values: Tensor) -> Tensor:
    """The sum of each row's entries: (nnz, d) -> (rows, d). Neither differentiable nor for vmap."""
    return torch.segment_reduce(values.contiguous(), "sum", offsets=pattern.row_start, axis=0)
