"""The controller's post: only one of several controllers works at a time.

What makes a second one harmless is that every write is a compare-and-set; the post only spares double work.
"""

from datetime import timedelta
from uuid import uuid4

from django.db.models import Q
from django.utils import timezone

from runs.models import Heartbeat

NAME = "controller"
TERM_SECONDS = 6
RENEWAL_SECONDS = 2


class Post:
    """Takes, keeps and gives back the post of the controller."""

    def __init__(self) -> None:
        self.token = uuid4()
        self.renewed = 0.0
        self.is_held = False

    def hold(self, monotonic: float) -> bool:
        """Take or renew the post when it is time; False while another controller has it."""
        if self.is_held and monotonic - self.renewed < RENEWAL_SECONDS:
            return True
        now = timezone.now()
        mine_or_vacant = Q(owner=self.token) | Q(owner=None) | Q(beat_at__lt=now - timedelta(seconds=TERM_SECONDS))
        row = Heartbeat.objects.filter(mine_or_vacant, name=NAME)
        self.is_held = bool(row.update(owner=self.token, beat_at=now)) or self.create()
        self.renewed = monotonic
        return self.is_held

    def create(self) -> bool:
        """Make the row on the very first start."""
        _, created = Heartbeat.objects.get_or_create(
            name=NAME, defaults={"owner": self.token, "beat_at": timezone.now()}
        )
        return created

    def give_back(self) -> None:
        """Leave the post, so that the next controller need not wait for the end of the term."""
        if self.is_held:
            Heartbeat.objects.filter(name=NAME, owner=self.token).update(owner=None)
            self.is_held = False
