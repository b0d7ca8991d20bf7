"""Metrics: every point that a script logged, and the latest one of each name."""

from django.db import models


class MetricPoint(models.Model):
    """One logged value. `value` is None for text and for NaN and infinities, which `text` then names."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey("runs.Run", on_delete=models.CASCADE, related_name="metric_points")
    name = models.CharField(max_length=250)
    step = models.BigIntegerField()
    time = models.FloatField(help_text="Seconds since 1970 by the target's clock")
    value = models.FloatField(null=True)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["run", "name", "step"], name="points_by_run_and_name")]

    def __str__(self) -> str:
        return f"{self.name}[{self.step}] = {self.text or self.value}"


class LatestMetric(models.Model):
    """The newest value of each name with its lowest and highest: what lists sort by."""

    run = models.ForeignKey("runs.Run", on_delete=models.CASCADE, related_name="latest_metrics")
    name = models.CharField(max_length=250)
    step = models.BigIntegerField()
    time = models.FloatField()
    value = models.FloatField(null=True)
    text = models.TextField(blank=True)
    lowest = models.FloatField(null=True)
    highest = models.FloatField(null=True)
    points = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="one_latest_value_per_name")]
        indexes = [models.Index(fields=["name", "value", "run"], name="latest_by_name_and_value")]

    def __str__(self) -> str:
        return f"{self.name} = {self.text or self.value}"
