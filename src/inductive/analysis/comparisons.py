"""The comparisons that a claim consists of, written out one by one.

A claim has
    id          unique over all studies
    type        `identity` (mathematics, checked exactly in every case), `figure` (published),
                `effect`, `scaling` or `mechanism`
    source      a text, or `document` (a key of studies/sources.yaml) and `section`
    stated      what the source says, its errors included
    tested      what is measured instead, and which margins are this project's own
    about       data set -> kind that the claim is about; comparisons on other data are evidence
                beside the verdict and decide nothing; empty: any data decide
    built_in    why generated data make the outcome inevitable; they then give no evidence
    replicated  what the comparisons are replicated over: seeds, draws, splits, cases or timings
    over        a label whose values are the draws or splits; their seeds are averaged inside each
    paired      what a seed gives both variants of a comparison in common, such as a split or noise;
                without it the values of two networks are independent samples, those of one network
                are paired in any case
    same_examples  true where a published value was measured on the very same test examples, so that
                their sampling is no error of the comparison
    practical   a difference below which nobody would care (this project's own)
and one or more `comparisons` of means over seeds, in the metrics' shown units (shares in percent):

    greater      `more` - `less` > `by` (0 without one); `more_minus` and `less_minus` are
                 subtracted first, for a comparison of two gains
    not_below    `more` - `less` >= -margin
    within       the mean of `of` (minus that of `minus`) is `target` ± `margin`; `target_sd` and
                 `target_n` are the standard deviation (of a sample) and the number of the values
                 whose mean the target is, where it is known
    equal        `of` and `minus` are the same number in every row
    never_above  `of` is at most `bound` (a selector or a number) + `tolerance` in every row

A number has the unit of its metric, as text: `margin: 3 points` (a difference of shares), `target:
81.5 %` (a share), `margin: 0.3 bits`, `2 degrees`. A metric without a unit has plain numbers.

`more`, `less`, `of`, `minus` and `bound` are selectors: values of labels, `selection`, `split`,
`metric` and coordinates. `defaults` belong to every selector of the claim. A coordinate's value is
a number, or `any`, `largest` or `smallest` (see `analysis.selection`); a coordinate that is not
named must be absent. `each: {column: [values]}` repeats a comparison for every value,
`each: {column: all}` for every value that was run. `needs` names the settings of a run that the
claim requires; with others it is not judged.

`published_table` makes a `within` of every cell of `table`, a key of published.yaml whose nested
mappings have the columns `levels` as their keys. Each of its `entries` has the `key` of the target
in the cell, and `of`, the selector of the values whose mean it is; where the cell also holds the
target's standard deviation, `sd` is the key of that, and `n` the number of published values. All
share one `margin`, whose unit gives that of the cells.

Imports neither pandas nor scipy nor torch, because the planner reads claims.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

from inductive.analysis.quantity import Quantity, level_unit, parse_quantity
from inductive.training.measurements import FIXED

ANY, LARGEST, SMALLEST = "any", "largest", "smallest"
ALL = "all"
Claim = dict[str, Any]
Selector = dict[str, Any]


class Kind(NamedTuple):
    """The keys of one kind of comparison."""

    selectors: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    selectors_or_numbers: tuple[str, ...] = ()
    optional_selectors: tuple[str, ...] = ()
    optional_numbers: tuple[str, ...] = ()

    @property
    def required(self) -> tuple[str, ...]:
        """The keys that must be given."""
        return self.selectors + self.numbers + self.selectors_or_numbers

    @property
    def allowed(self) -> tuple[str, ...]:
        """The keys that may be given."""
        return self.required + self.optional_selectors + self.optional_numbers


_GAINS = ("more_minus", "less_minus")
KINDS = {
    "greater": Kind(("more", "less"), optional_selectors=_GAINS, optional_numbers=("by",)),
    "not_below": Kind(("more", "less"), ("margin",), optional_selectors=_GAINS),
    "within": Kind(
        ("of",),
        ("target", "margin"),
        optional_selectors=("minus",),
        optional_numbers=("target_sd", "target_n"),
    ),
    "equal": Kind(("of", "minus")),
    "never_above": Kind(("of",), ("tolerance",), selectors_or_numbers=("bound",)),
}


@dataclass(frozen=True)
class Case:
    """One comparison of a claim, written out."""

    kind: str
    selectors: dict[str, Selector]
    """Role (`more`, `less`, ...) -> complete selector."""
    numbers: dict[str, float]
    """`margin`, `by`, `target`, `target_sd`, `target_n`, `tolerance`, `bound`."""
    description: str
    optional: bool
    """From `each: {column: all}`: it counts only where it was run."""
    units: dict[str, str] = field(default_factory=dict)
    """Of each number, as written; empty for a pure number."""
    paired: str = ""
    """What a seed gives both variants in common; empty: nothing that is known."""
    practical: float | None = None
    """The difference below which nobody would care."""


def split_comparison(comparison: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A comparison's kind, its body and its `each`."""
    kind = next(key for key in comparison if key != "each")
    return kind, comparison[kind], comparison.get("each", {})


def expand(
    claim: Claim, published: Mapping[str, Any], values_of: Callable[[str], Sequence[Any]]
) -> Iterator[Case]:
    """Every single comparison of a claim: `each` and published tables are written out.

    `values_of(column)` are the values that were run, in their order.
    """
    for comparison in claim.get("comparisons", []):
        kind, body, each = split_comparison(comparison)
        columns = [values_of(c) if values == ALL else values for c, values in each.items()]
        for values in product(*columns):
            where = dict(zip(each, values, strict=True))
            yield _case(claim, kind, body, where, optional=ALL in each.values())
    if "published_table" in claim:
        for body in table_bodies(claim["published_table"], published):
            yield _case(claim, "within", body, {}, optional=False)


def _case(claim: Claim, kind: str, body: dict[str, Any], each: Selector, *, optional: bool) -> Case:
    defaults = claim.get("defaults", {})
    selectors = {role: defaults | v | each for role, v in body.items() if isinstance(v, dict)}
    quantities = {name: q for name, value in body.items() if (q := parse_quantity(value))}
    practical = parse_quantity(claim.get("practical"))
    return Case(
        kind,
        selectors,
        {name: quantity.value for name, quantity in quantities.items()},
        _describe(kind, body, quantities, each),
        optional,
        units={name: quantity.unit for name, quantity in quantities.items()},
        paired=claim.get("paired", ""),
        practical=practical.value if practical else None,
    )


def table_bodies(table: dict[str, Any], published: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The body of a `within` for every entry of every cell of a published table."""
    margin = parse_quantity(table["margin"]) or Quantity(0.0)
    for keys, cell in _leaves(published[table["table"]], len(table["levels"])):
        for entry in table["entries"]:
            of = dict(zip(table["levels"], keys, strict=True)) | entry["of"]
            target = _with_unit(cell[entry["key"]], level_unit(margin.unit))
            body = {"of": of, "margin": table["margin"], "target": target}
            if "sd" in entry:
                sd = _with_unit(cell[entry["sd"]], margin.unit)
                body |= {"target_sd": sd, "target_n": entry["n"]}
            yield body


def _with_unit(value: Any, unit: str) -> Any:
    return f"{value} {unit}" if unit else value


def _leaves(tree: Any, depth: int) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The values `depth` keys deep in nested mappings, with their keys."""
    if depth == 0:
        yield (), tree
        return
    for key, branch in tree.items():
        for keys, leaf in _leaves(branch, depth - 1):
            yield (key, *keys), leaf


def _describe(
    kind: str, body: dict[str, Any], quantities: Mapping[str, Quantity], each: Selector
) -> str:
    """A comparison in words, without the claim's defaults."""

    def words(role: str) -> str:
        selector = (body[role] | each) if role in body else {}
        text = ", ".join(_word(*item) for item in selector.items() if item[1] != "")
        return f"{text} - {words(f'{role}_minus')}" if f"{role}_minus" in body else text

    margin = quantities.get("margin", Quantity(0.0))
    if kind == "greater":
        least = quantities.get("by")
        return f"{words('more')} > {words('less')}" + (f" + {least}" if least else "")
    if kind == "not_below":
        allowed = f"{margin} " if margin.value else ""
        return f"{words('more')} not {allowed}below {words('less')}"
    if kind == "equal":
        return f"{words('of')} = {words('minus')}"
    if kind == "never_above":
        limit = str(quantities["bound"]) if "bound" in quantities else words("bound")
        return f"{words('of')} never above {limit}"
    difference = f" - {words('minus')}" if "minus" in body else ""
    return f"{words('of')}{difference} = {quantities['target']} ± {margin}"


def _word(column: str, value: Any) -> str:
    """Metrics and labels that are text are shown alone, other values with their column."""
    text = isinstance(value, str) and value not in (ANY, LARGEST, SMALLEST)
    if column == "metric" or (text and column not in FIXED):
        return str(value)
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{column.replace('_', ' ')} {shown}"
