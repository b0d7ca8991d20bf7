"""A survey: everything that this installation has on a target, as a task worker found it."""

from django.db import models

from computes.models.asked_deed import AskedDeed
from computes.survey import Survey, survey_from_json


class TargetSurvey(AskedDeed):
    """Who asked, when, and what was found (`computes.survey`). It judges nothing: what of it is an orphan is decided by
    whoever looks at it, by the runs that are known then."""

    target = models.ForeignKey("computes.ComputeTarget", on_delete=models.CASCADE, related_name="surveys")
    found = models.JSONField(null=True)

    class Meta(AskedDeed.Meta):
        pass

    def __str__(self) -> str:
        return f"survey {self.pk} of {self.target}"

    @property
    def survey(self) -> Survey | None:
        """Return what was found, None while that is not known."""
        return None if self.found is None else survey_from_json(self.found)
