"""A form field for the nodes of a cluster, one user@host:port a line."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from computes.ssh_address import address_in

MOST_NODES = 1_000
MOST_PROBLEMS = 10


class WorkerNodesField(forms.Field):
    """Nodes in the order in which they are typed, each once, as `computes.ssh_address.address_in` reads them."""

    widget = forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """Show stored nodes as lines, and what was typed as it was typed."""
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """Return the nodes. Raises ValidationError with the number of each line that is not right."""
        lines = value if isinstance(value, list) else str(value or "").splitlines()
        nodes: list[str] = []
        problems = []
        for number, line in enumerate(lines, start=1):
            if not str(line).strip():
                continue
            try:
                node = str(address_in(str(line)))
            except ValueError as error:
                problems.append(f"Line {number}: {error} Write host, user@host or user@host:port.")
                continue
            if node in nodes:
                problems.append(f"Line {number}: {node} is there already.")
            nodes.append(node)
        if len(nodes) > MOST_NODES:
            problems.insert(0, f"At most {MOST_NODES:,} nodes.")
        if problems:
            raise ValidationError(problems[:MOST_PROBLEMS])
        return nodes
