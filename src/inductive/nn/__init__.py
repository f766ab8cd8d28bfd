"""Reusable layers and functions, one subject per module: `from inductive.nn import GroupConv2d`.

A name is loaded from its module on first access, so that plans can use the modules
without torch (`padding_modes`, `gpt_config`) and a result depends only on the modules that it uses.
Code of this package imports from the modules themselves.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inductive.nn.aggregation import (
        AGGREGATORS,
        GeneralizedAggregation,
        PowerMean,
        SoftmaxMean,
        scatter_max,
        scatter_sum,
    )
    from inductive.nn.attention import (
        fused_attention,
        linear_attention,
        naive_attention,
        quadratic_attention,
        relative_attention,
        window_attention,
    )
    from inductive.nn.gpt import GPT, KVCache
    from inductive.nn.gpt_config import GPTConfig
    from inductive.nn.graph_attention import GraphAttention
    from inductive.nn.graph_convolution import GraphConvolution, SparseInput
    from inductive.nn.graph_tensors import GraphTensors, dense_graph_tensors, sparse_graph_tensors
    from inductive.nn.group_convolution import (
        GroupConv2d,
        group_elements,
        group_order,
        group_pool,
        group_transform,
    )
    from inductive.nn.info_nce import alignment_loss, info_nce_loss
    from inductive.nn.padding import Pad, PaddedConv2d, conv_output_size
    from inductive.nn.padding_modes import OUTSIDE, PaddingMode, padding_mode
    from inductive.nn.positions import (
        ENCODINGS,
        ALiBi,
        ConcatenatedPositions,
        LearnedPositions,
        NoPositions,
        PositionEncoding,
        RelativeBias,
        RotaryPositions,
        SinusoidalPositions,
        make_encoding,
        sinusoid,
    )
    from inductive.nn.sampling import Sampling, continuations, continue_text
    from inductive.nn.sparse import SparsePattern, sparse_matmul
    from inductive.nn.unet import UNet, matched_channels, receptive_radius

__all__ = [
    "AGGREGATORS",
    "ENCODINGS",
    "GPT",
    "OUTSIDE",
    "ALiBi",
    "ConcatenatedPositions",
    "GPTConfig",
    "GeneralizedAggregation",
    "GraphAttention",
    "GraphConvolution",
    "GraphTensors",
    "GroupConv2d",
    "KVCache",
    "LearnedPositions",
    "NoPositions",
    "Pad",
    "PaddedConv2d",
    "PaddingMode",
    "PositionEncoding",
    "PowerMean",
    "RelativeBias",
    "RotaryPositions",
    "Sampling",
    "SinusoidalPositions",
    "SoftmaxMean",
    "SparseInput",
    "SparsePattern",
    "UNet",
    "alignment_loss",
    "continuations",
    "continue_text",
    "conv_output_size",
    "dense_graph_tensors",
    "fused_attention",
    "group_elements",
    "group_order",
    "group_pool",
    "group_transform",
    "info_nce_loss",
    "linear_attention",
    "make_encoding",
    "matched_channels",
    "naive_attention",
    "padding_mode",
    "quadratic_attention",
    "receptive_radius",
    "relative_attention",
    "scatter_max",
    "scatter_sum",
    "sinusoid",
    "sparse_graph_tensors",
    "sparse_matmul",
    "window_attention",
]

_MODULE_OF = {
    "AGGREGATORS": "aggregation",
    "ALiBi": "positions",
    "ConcatenatedPositions": "positions",
    "ENCODINGS": "positions",
    "GPT": "gpt",
    "GPTConfig": "gpt_config",
    "GeneralizedAggregation": "aggregation",
    "GraphAttention": "graph_attention",
    "GraphConvolution": "graph_convolution",
    "GraphTensors": "graph_tensors",
    "GroupConv2d": "group_convolution",
    "KVCache": "gpt",
    "LearnedPositions": "positions",
    "NoPositions": "positions",
    "OUTSIDE": "padding_modes",
    "Pad": "padding",
    "PaddedConv2d": "padding",
    "PaddingMode": "padding_modes",
    "PositionEncoding": "positions",
    "PowerMean": "aggregation",
    "RelativeBias": "positions",
    "RotaryPositions": "positions",
    "Sampling": "sampling",
    "SinusoidalPositions": "positions",
    "SoftmaxMean": "aggregation",
    "SparseInput": "graph_convolution",
    "SparsePattern": "sparse",
    "UNet": "unet",
    "alignment_loss": "info_nce",
    "continuations": "sampling",
    "continue_text": "sampling",
    "conv_output_size": "padding",
    "dense_graph_tensors": "graph_tensors",
    "fused_attention": "attention",
    "group_elements": "group_convolution",
    "group_order": "group_convolution",
    "group_pool": "group_convolution",
    "group_transform": "group_convolution",
    "info_nce_loss": "info_nce",
    "linear_attention": "attention",
    "make_encoding": "positions",
    "matched_channels": "unet",
    "naive_attention": "attention",
    "padding_mode": "padding_modes",
    "quadratic_attention": "attention",
    "receptive_radius": "unet",
    "relative_attention": "attention",
    "scatter_max": "aggregation",
    "scatter_sum": "aggregation",
    "sinusoid": "positions",
    "sparse_graph_tensors": "graph_tensors",
    "sparse_matmul": "sparse",
    "window_attention": "attention",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
