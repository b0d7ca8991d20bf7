"""Environment variables of a run whose values nobody may see again."""

from django.db import models


class SecretVariable(models.Model):
    """A secret variable: its value is sealed for this row and never shown, logged or returned."""

    run = models.ForeignKey("runs.Run", on_delete=models.CASCADE, related_name="secret_variables")
    name = models.CharField(max_length=200)
    sealed_value = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="one_secret_per_name")]

    def __str__(self) -> str:
        return self.name
