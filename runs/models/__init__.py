"""What happened: runs and all that is recorded about them."""

from runs.models.heartbeat import Heartbeat
from runs.models.metric import LatestMetric, MetricPoint
from runs.models.output import Output
from runs.models.run import Run
from runs.models.run_event import RunEvent
from runs.models.secret_variable import SecretVariable
from runs.models.share_link import ShareLink
from runs.models.tag import Tag

__all__ = [
    "Heartbeat",
    "LatestMetric",
    "MetricPoint",
    "Output",
    "Run",
    "RunEvent",
    "SecretVariable",
    "ShareLink",
    "Tag",
]
