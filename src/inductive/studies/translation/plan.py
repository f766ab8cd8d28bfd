"""The runs of the study."""

from inductive.core.errors import InputError, unknown
from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.nn.padding_modes import get_mode
from inductive.studies.translation.settings import Padding, Settings


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """Every network with every padding of both protocols, and some of the course protocol's on
    other images.

    Raises InputError for an unknown padding or mode, and for a shift beyond the other band.
    """
    return [
        *_course(settings, datasets),
        *_clean(settings, datasets),
        *_draws(settings, datasets),
    ]


def _course(settings: Settings, datasets: Datasets) -> list[Run]:
    return [
        _run(settings, datasets, "course", net, name, padding)
        for net in settings.course.nets
        for name, padding in settings.course.paddings.items()
    ]


def _clean(settings: Settings, datasets: Datasets) -> list[Run]:
    clean, planned = settings.clean, []
    for net in clean.nets:
        for amount in clean.amounts:
            # Without padding all modes give the same network, so there is one run for all.
            for mode in clean.modes if amount else ["zeros"]:
                name = f"{mode}{amount}" if amount else "none"
                padding = Padding(mode=mode, amount=amount)
                planned.append(_run(settings, datasets, "clean", net, name, padding))
    return planned


def _draws(settings: Settings, datasets: Datasets) -> list[Run]:
    paddings, planned = settings.course.paddings, []
    for data_seed in settings.draws.data_seeds:
        for name in settings.draws.paddings:
            if name not in paddings:
                message = unknown("padding", name, paddings)
                raise InputError(f"translation.draws.paddings: {message}")
            run = _run(settings, datasets, "draws", "Net1", name, paddings[name], data_seed)
            planned.append(run)
    return planned


def _run(
    settings: Settings,
    datasets: Datasets,
    protocol: str,
    net: str,
    name: str,
    padding: Padding,
    data_seed: int | None = None,
) -> Run:
    """One run; `data_seed` replaces `data.boxes.seed`."""
    clean = protocol == "clean"
    extra = {} if data_seed is None else {"seed": data_seed}
    dataset = datasets.resolve("boxes", protocol="clean" if clean else "course", **extra)
    _check_shifts(settings, dataset.settings["bands"])
    epochs = (settings.clean.epochs if clean else None) or settings.epochs
    own_seeds = {"clean": settings.clean.seeds, "draws": settings.draws.seeds}
    seeds = own_seeds.get(protocol) or settings.seeds
    return Run(
        study="translation",
        variant=f"{protocol}-{net}-{name}" + ("" if data_seed is None else f"-data{data_seed}"),
        labels={
            "protocol": protocol,
            "net": net,
            "padding": name,
            "mode": padding.mode,
            "amount": padding.amount,
            "data_seed": dataset.settings["seed"],
        },
        training={
            "net": net,
            "mode": padding.mode,
            "amount": padding.amount,
            "shuffle": clean,
            "batch_size": settings.batch_size,
            "epochs": epochs,
            "patience": settings.patience,
            "adadelta": settings.adadelta.model_dump(),
        },
        evaluation=settings.evaluation.model_dump(),
        seeds=seeds.seeds,
        looks=seeds.looks,
        dataset=dataset,
        registered=(_registered(protocol, name, padding.mode),),
    )


def _registered(protocol: str, name: str, mode: str) -> str:
    """The padding mode as an entry of its registry."""
    try:
        function = get_mode(mode)
    except InputError as error:
        raise InputError(f"translation.{protocol}: {name}: {error}") from None
    return f"{function.__module__}:{function.__name__}"


def _check_shifts(settings: Settings, bands: list[int]) -> None:
    distance, largest = bands[1] - bands[0], max(settings.evaluation.shifts)
    if largest > distance:
        raise InputError(
            f"translation.evaluation.shifts: {largest} is beyond the other band, "
            f"{distance} pixels away"
        )
