"""The metrics of several runs side by side, the best value marked where the name says which way is better."""

import re
from collections.abc import Callable, Sequence

from runs.compared_lines import ABSENT, Line, Section
from runs.models import LatestMetric, Run

LOWER_IS_BETTER = frozenset(
    {"loss", "error", "mse", "rmse", "mae", "mape", "perplexity", "latency", "seconds", "time", "wer"}
)
HIGHER_IS_BETTER = frozenset(
    {"accuracy", "acc", "auc", "auroc", "f1", "precision", "recall", "score", "r2", "bleu", "rouge", "map", "ndcg",
     "iou", "dice", "sensitivity", "specificity", "throughput", "reward"}
)  # fmt: skip
MOST_CURVES = 30


def metrics_of(runs: Sequence[Run]) -> Section:
    """Return the last, lowest and highest value of each metric, the best one marked."""
    found: dict[str, dict[object, LatestMetric]] = {}
    for metric in LatestMetric.objects.filter(run__in=[run.pk for run in runs]).order_by("name"):
        found.setdefault(metric.name, {})[metric.run_id] = metric
    lines: list[Line] = []
    for name, by_run in found.items():
        metrics = [by_run.get(run.pk) for run in runs]
        lower = is_lower_better(name)
        lines.append(_metric_line(name, "last", metrics, lambda metric: metric.value, lower))
        if any(metric is not None and metric.points > 1 for metric in metrics):
            lines.append(_metric_line(name, "lowest", metrics, lambda metric: metric.lowest, lower if lower else None))
            lines.append(
                _metric_line(name, "highest", metrics, lambda metric: metric.highest, None if lower else lower)
            )
    return Section("Metrics", tuple(lines))


def curves_of(runs: Sequence[Run]) -> dict[str, list[int]]:
    """Return the metrics of which some run logged more than one number, each with the numbers of the runs that have
    it; at most thirty metrics."""
    logged = LatestMetric.objects.filter(run__in=[run.pk for run in runs], value__isnull=False)
    found: dict[str, list[int]] = {}
    for name, number in logged.order_by("name", "run__number").values_list("name", "run__number"):
        found.setdefault(name, []).append(number)
    drawn = set(logged.filter(points__gt=1).values_list("name", flat=True))
    return {name: found[name] for name in sorted(drawn)[:MOST_CURVES]}


def is_lower_better(name: str) -> bool | None:
    """Return whether a metric's name says that less is better, or that more is; None where it says neither."""
    words = set(re.split(r"[^a-z0-9]+", name.casefold()))
    if words & LOWER_IS_BETTER:
        return True
    return False if words & HIGHER_IS_BETTER else None


def _metric_line(
    name: str,
    which: str,
    metrics: Sequence[LatestMetric | None],
    value_of: Callable[[LatestMetric], float | None],
    lower_is_better: bool | None,
) -> Line:
    """Return one line; None marks no best value, as the lowest accuracy is not what one looks for."""
    values = [None if metric is None else value_of(metric) for metric in metrics]
    words = tuple(
        f"{value:.6g}" if value is not None else (metric.text[:80] if metric and metric.text else ABSENT)
        for metric, value in zip(metrics, values, strict=True)
    )
    numbers = [value for value in values if value is not None]
    best = frozenset[int]()
    if lower_is_better is not None and len(set(numbers)) > 1:
        winner = min(numbers) if lower_is_better else max(numbers)
        best = frozenset(place for place, value in enumerate(values) if value == winner)
    return Line(f"{name} ({which})", words, best, "lower is better" if lower_is_better else "higher is better")
