"""The metrics of the graph algebra study."""

from inductive.core.metric import Metric, number

METRICS: dict[str, Metric] = {
    "entries of A² unlike the printed ones": number(better="lower"),
    "entries of L unlike the printed ones": number(better="lower"),
    "walks counted wrongly, first graph": number("steps", better="lower"),
    "walks counted wrongly, second graph": number("steps", better="lower"),
    "degree": number("node"),
    "change under L": number("node"),
    "index form - matrix form": number(better="lower"),
    "additivity broken by the mean": number(),
    "additivity broken by the median": number(),
    "layer - message passing": number(better="lower"),
    "attention on a complete graph - Transformer": number(better="lower"),
    "milliseconds, graph attention": number("edges", unit="ms", better="lower"),
    "milliseconds, dense attention": number("nodes", unit="ms", better="lower"),
    "milliseconds, graph attention at 8 neighbours": number("nodes", unit="ms", better="lower"),
    "exponent, graph attention": number(),
    "exponent, dense attention": number(),
    "exponent, graph attention at 8 neighbours": number(),
    "smallest size fitted, milliseconds, graph attention": number(unit="edges"),
    "smallest size fitted, milliseconds, dense attention": number(unit="nodes"),
    "smallest size fitted, milliseconds, graph attention at 8 neighbours": number(unit="nodes"),
    "timing spread": number(better="lower"),
}
