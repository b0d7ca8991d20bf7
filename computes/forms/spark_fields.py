"""The fields of a Spark cluster, however it is reached: what applications take, and the links to its pages."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from computes.forms.sections import Section
from computes.forms.size_field import SizeField
from computes.forms.spark_configuration_field import SparkConfigurationField
from computes.forms.url_fields import LinkTemplateField
from computes.sizes import size_for
from computes.spark_resources import NAMES

MOST_EXECUTORS = 100_000
MOST_CORES = 1_000
SMALLEST_MEMORY = 512 * 2**20  # Spark refuses to begin with less
QUEUE = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*)?\Z")
RESOURCES = Section(
    "resources",
    "What an application takes",
    tuple((f"default_{name}", f"largest_{name}") for name in NAMES),
    "On the left what a run takes that says nothing, on the right the most that one may ask for. Empty means what the "
    "cluster itself does. Queues of YARN hold what is to be held for sure.",
)
LINKS = Section(
    "links",
    "Links",
    (("application_url",), ("spark_ui_url",), ("history_url",), ("batch_url",)),
    "Shown on the pages of runs for browsers to follow. {application} stands for the application's id.",
    folds="Addresses of the cluster's own pages",
)


def check_queue(name: str) -> None:
    """A queue is one word, or several with dots between."""
    if not QUEUE.match(name):
        raise ValidationError("This is not the name of a queue. Write for example root.research.")


def count_field(label: str, most: int) -> forms.IntegerField:
    """Return a field for a number from 1 on that may be left empty."""
    return forms.IntegerField(
        label=label, required=False, validators=[MinValueValidator(1), MaxValueValidator(most)]
    )  # fmt: skip


def memory_field(label: str) -> SizeField:
    """Return a field for the memory of a process of Spark that may be left empty."""
    return SizeField(label=label, required=False, smallest=SMALLEST_MEMORY, help_text="Such as 4 GiB.")


class SparkFields(forms.Form):
    """Queue, properties, resources and links."""

    yarn_queue = forms.CharField(
        label="Queue", required=False, max_length=200, validators=[check_queue],
        help_text="queue: of YARN. Empty for the one that the cluster chooses.",
    )  # fmt: skip
    spark_configuration = SparkConfigurationField(
        label="Spark properties",
        required=False,
        help_text="One name=value a line, for every application; a project's own count more. Everybody can read them: "
        "no secrets.",
    )
    default_executors = count_field("Executors", MOST_EXECUTORS)
    largest_executors = count_field("Executors at most", MOST_EXECUTORS)
    default_executor_cores = count_field("Cores of an executor", MOST_CORES)
    largest_executor_cores = count_field("Cores at most", MOST_CORES)
    default_executor_memory_bytes = memory_field("Memory of an executor")
    largest_executor_memory_bytes = memory_field("Its memory at most")
    default_driver_memory_bytes = memory_field("Memory of the driver")
    largest_driver_memory_bytes = memory_field("The driver's at most")
    application_url = LinkTemplateField(
        label="YARN's page of an application",
        places=("application",),
        help_text="Such as https://NAME.azurehdinsight.net/yarnui/hn/cluster/app/{application}.",
    )
    spark_ui_url = LinkTemplateField(
        label="Spark's page of a running application",
        places=("application",),
        help_text="Such as https://rm.lab.example:8090/proxy/{application}/.",
    )
    history_url = LinkTemplateField(
        label="History server's page",
        places=("application",),
        help_text="Such as https://history.lab.example:18080/history/{application}/.",
    )

    def clean(self) -> dict[str, Any]:
        """What is taken without a word must be allowed, too."""
        cleaned = super().clean() or self.cleaned_data
        for name in NAMES:
            default, largest = cleaned.get(f"default_{name}"), cleaned.get(f"largest_{name}")
            if default and largest and default > largest:
                words = size_for(largest) if name.endswith("_bytes") else f"{largest:,}"
                self.add_error(f"default_{name}", ValidationError(f"This is more than is allowed: {words}."))
        return cleaned
