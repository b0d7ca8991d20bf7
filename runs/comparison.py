"""What runs have in common and where they differ, section by section, differences first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from projects.models import Snapshot
from projects.snapshots import differences
from runs.models import LatestMetric, Run
from runs.run_configuration import RunConfiguration

ABSENT = "–"
SECRET = "•••••• (secret)"
LOWER_IS_BETTER = ("loss", "error", "mse", "rmse", "mae", "mape", "perplexity", "latency", "seconds", "time", "wer")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of all runs, in the order of the runs. `best` are the places of the best values.

    `direction` says in words what best means; `is_comparable` is False where values are hidden.
    """

    name: str
    values: tuple[str, ...]
    best: frozenset[int] = frozenset()
    direction: str = ""

    @property
    def differs(self) -> bool:
        """Return whether not all runs have the same value."""
        return len(set(self.values)) > 1

    @property
    def cells(self) -> list[tuple[str, bool, bool]]:
        """Return for each run its value, whether it is another than the first run's, and whether it is the best."""
        return [(value, value != self.values[0], place in self.best) for place, value in enumerate(self.values)]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a comparison."""

    title: str
    lines: tuple[Line, ...]

    @property
    def differing(self) -> list[Line]:
        """Return the lines where the runs differ."""
        return [line for line in self.lines if line.differs]

    @property
    def identical(self) -> list[Line]:
        """Return the lines where all runs are the same."""
        return [line for line in self.lines if not line.differs]


def compare(runs: Sequence[Run]) -> list[Section]:
    """Return the sections of a comparison; the first run is the base."""
    configurations = [RunConfiguration.from_json(run.configuration) for run in runs]
    return [
        metrics_of(runs),
        arguments_of(configurations),
        settings_of(runs, configurations),
        variables_of(configurations),
        packages_of(runs),
    ]


def settings_of(runs: Sequence[Run], configurations: Sequence[RunConfiguration]) -> Section:
    """Return script, place and code."""
    facts: dict[str, Callable[[Run, RunConfiguration], str]] = {
        "script": lambda run, asked: asked.script,
        "run configuration": lambda run, asked: asked.name or ABSENT,
        "target": lambda run, asked: asked.target,
        "framework": lambda run, asked: asked.framework,
        "conda dependencies": lambda run, asked: asked.conda_dependencies_file or ABSENT,
        "Spark dependencies": lambda run, asked: asked.spark_dependencies_file or ABSENT,
        "time limit": lambda run, asked: f"{asked.time_limit_seconds} s" if asked.time_limit_seconds else "none",
        "code": lambda run, asked: str(run.snapshot),
        "interpreter": lambda run, asked: run.interpreter_version or run.interpreter or ABSENT,
    }
    pairs = list(zip(runs, configurations, strict=True))
    return Section(
        "Configuration and code",
        tuple(Line(name, tuple(fact(*pair) for pair in pairs)) for name, fact in facts.items()),
    )


def arguments_of(configurations: Sequence[RunConfiguration]) -> Section:
    """Return the arguments: by the name of the option where they have one, otherwise by their position."""
    return Section("Arguments", _lines([named_arguments(asked.arguments) for asked in configurations]))


def named_arguments(arguments: Sequence[str]) -> dict[str, str]:
    """Return arguments by name: `--rate 0.1` and `--rate=0.1` as --rate, a flag as "given", others as "argument N"."""
    named: dict[str, str] = {}
    position, rest = 0, list(arguments)
    while rest:
        first = rest.pop(0)
        if not first.startswith("-") or _is_number(first):
            position += 1
            named[f"argument {position}"] = first
            continue
        option, sign, value = first.partition("=")
        if not sign:
            takes_value = bool(rest) and (not rest[0].startswith("-") or _is_number(rest[0]))
            value = rest.pop(0) if takes_value else "given"
        named[option] = f"{named[option]} {value}" if option in named else value
    return named


def variables_of(configurations: Sequence[RunConfiguration]) -> Section:
    """Return the environment variables; of secret ones only that they are there."""
    maps = [
        {**dict(asked.environment_variables), **dict.fromkeys(asked.secret_names, SECRET)} for asked in configurations
    ]
    return Section("Environment variables", _lines(maps))


def packages_of(runs: Sequence[Run]) -> Section:
    """Return the installed packages with their versions."""
    return Section("Installed packages", _lines([run.packages for run in runs]))


def metrics_of(runs: Sequence[Run]) -> Section:
    """Return the last, lowest and highest value of each metric, the best one marked."""
    found: dict[str, dict[object, LatestMetric]] = {}
    for metric in LatestMetric.objects.filter(run__in=[run.pk for run in runs]).order_by("name"):
        found.setdefault(metric.name, {})[metric.run_id] = metric
    lines: list[Line] = []
    for name, by_run in found.items():
        metrics = [by_run.get(run.pk) for run in runs]
        lines.append(_metric_line(name, "last", metrics, lambda metric: metric.value))
        if any(metric is not None and metric.points > 1 for metric in metrics):
            lines.append(_metric_line(name, "lowest", metrics, lambda metric: metric.lowest))
            lines.append(_metric_line(name, "highest", metrics, lambda metric: metric.highest))
    return Section("Metrics", tuple(lines))


def is_lower_better(name: str) -> bool:
    """Return whether a metric's name says that less is better; where it says nothing, more is."""
    words = name.casefold().replace("-", "_").replace(" ", "_").replace("/", "_").split("_")
    return any(word in LOWER_IS_BETTER for word in words)


def changed_files(base: Snapshot, other: Snapshot) -> list[str]:
    """Return in words which files differ between two snapshots."""
    return [f"{found.kind}: {found.path}" for found in differences(base, other)]


def _metric_line(
    name: str,
    which: str,
    metrics: Sequence[LatestMetric | None],
    value_of: Callable[[LatestMetric], float | None],
) -> Line:
    values = [None if metric is None else value_of(metric) for metric in metrics]
    words = tuple(
        f"{value:.6g}" if value is not None else (metric.text[:80] if metric and metric.text else ABSENT)
        for metric, value in zip(metrics, values, strict=True)
    )
    numbers = [value for value in values if value is not None]
    lower = is_lower_better(name)
    best = frozenset[int]()
    if len(numbers) > 1 and len(set(numbers)) > 1:
        winner = min(numbers) if lower else max(numbers)
        best = frozenset(place for place, value in enumerate(values) if value == winner)
    return Line(f"{name} ({which})", words, best, "lower is better" if lower else "higher is better")


def _lines(maps: Sequence[Mapping[str, str]]) -> tuple[Line, ...]:
    names = dict.fromkeys(name for values in maps for name in values)
    return tuple(Line(name, tuple(str(values.get(name, ABSENT)) for values in maps)) for name in names)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
