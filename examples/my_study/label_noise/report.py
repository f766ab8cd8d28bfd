"""A table and a figure, from the measurements alone."""

from inductive.analysis.results import Results, plus_minus
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table

BEST = {"selection": "best", "split": "test"}


def tables(results: Results) -> list[Table]:
    """Accuracy of each model by share of wrong labels."""
    models = results.labels("model")
    data = results.select("accuracy", noise="any", **BEST)
    rows = [
        [f"{100 * noise:g} %"]
        + [plus_minus(results.accuracy(model=m, noise=noise, **BEST)) for m in models]
        for noise in sorted(data["noise"].unique())
    ]
    note = "Test accuracy in percent, mean ± 95 % interval over seeds."
    return [Table("accuracy", "Accuracy", note, ["wrong labels", *models], rows, data)]


def figures(results: Results) -> list[Figure]:
    """The same accuracies as curves."""
    drawing, (ax,) = plotting.axes()
    for i, model in enumerate(results.labels("model")):
        points = results.sweep("noise", model=model, **BEST)
        plotting.band(ax, points, model, i, limits=plotting.PERCENT)
    ax.set_xlabel("share of wrong training labels")
    ax.set_ylabel("test accuracy (%)")
    ax.legend()
    caption = "Mean and 95 % interval over seeds, at the lowest validation loss."
    alt = "Test accuracy against the share of wrong labels, one falling curve per model."
    return [Figure("accuracy", "Accuracy by share of wrong labels", caption, alt, drawing)]
