"""The fields of a submission for what a Spark application takes on a cluster."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from computes.forms.size_field import SizeField
from computes.forms.spark_fields import MOST_CORES, MOST_EXECUTORS, SMALLEST_MEMORY
from computes.spark_resources import NAMES, Resources


class ResourceFields(forms.Form):
    """Executors, cores and memory; empty for what the project's properties or the target say."""

    executors = forms.IntegerField(
        label="Executors", required=False, validators=[MinValueValidator(1), MaxValueValidator(MOST_EXECUTORS)]
    )
    executor_cores = forms.IntegerField(
        label="Cores of each", required=False, validators=[MinValueValidator(1), MaxValueValidator(MOST_CORES)]
    )
    executor_memory_bytes = SizeField(
        label="Memory of each", required=False, smallest=SMALLEST_MEMORY, help_text="Such as 4 GiB."
    )
    driver_memory_bytes = SizeField(
        label="Memory of the driver", required=False, smallest=SMALLEST_MEMORY, help_text="Such as 2 GiB."
    )

    @property
    def has_resource_errors(self) -> bool:
        """Return whether something about them was refused."""
        return any(name in self.errors for name in NAMES)

    def resources(self) -> Resources:
        """Return what was typed."""
        return Resources(**{name: self.cleaned_data[name] for name in NAMES})
