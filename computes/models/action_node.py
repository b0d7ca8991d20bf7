"""One node of a script action, and what came of the script there."""

from uuid import uuid4

from django.db import models


class ActionNode(models.Model):
    """A host, the keys that were approved when the action was reviewed, and how far the script is there.

    `run_id` names the script's folder on the node: whoever starts it a second time finds the first. `tried_at` is set
    before anything is sent; only a node that never got that far is known not to run the script.
    """

    class State(models.TextChoices):
        """WAITING and RUNNING go on; all others are the end."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        ENDED = "ended", "Ended"
        TIMED_OUT = "timed_out", "Timed out"
        STOPPED = "stopped", "Stopped"
        UNREACHABLE = "unreachable", "Unreachable"
        NOT_STARTED = "not_started", "Not started"
        LOST = "lost", "Lost"

    action = models.ForeignKey("computes.ScriptAction", on_delete=models.CASCADE, related_name="nodes")
    number = models.PositiveIntegerField(help_text="Its place in the list; the head node is 0")
    address = models.CharField(max_length=400, help_text="user@host:port")
    is_head = models.BooleanField(default=False)
    is_direct = models.BooleanField(default=False, help_text="Reached from this server, not through the head node")
    host_keys = models.JSONField(default=list, help_text="The keys that it may show, each as type and base64")
    run_id = models.UUIDField(default=uuid4, unique=True)

    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    exit_code = models.IntegerField(null=True)
    problem = models.CharField(max_length=600, blank=True)
    tried_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    stop_sent_at = models.DateTimeField(null=True)
    silent_since = models.DateTimeField(null=True, help_text="Since when the node has not answered")
    looked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    log_bytes = models.BigIntegerField(default=0, help_text="How much of the log is on this server")
    remains = models.BooleanField(default=False, help_text="The script's folder is on the node")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["action", "number"], name="one_node_per_number")]

    def __str__(self) -> str:
        return f"{self.address} of {self.action}"

    @property
    def is_over(self) -> bool:
        """Return whether its outcome is known, or is known to stay unknown."""
        return self.state not in (self.State.WAITING, self.State.RUNNING)

    @property
    def is_good(self) -> bool:
        """Return whether the script ended there with code 0."""
        return self.state == self.State.ENDED and self.exit_code == 0

    @property
    def words(self) -> str:
        """Return its state as people read it."""
        if self.state == self.State.ENDED and self.exit_code is not None:
            return f"Ended with code {self.exit_code}"
        return str(self.get_state_display())
