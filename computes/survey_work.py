"""Carrying out a survey: look at what of ours is on a target, and write it down."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from computes.errors import TargetError
from computes.models import TargetSurvey
from computes.surveying import survey_target
from computes.target_settings import settings_of


def carry_out_survey(survey_id: int) -> bool:
    """Carry out a survey that nobody has begun; return whether it was ours to do. A second call does nothing."""
    begun = TargetSurvey.objects.filter(pk=survey_id, started_at=None).update(started_at=timezone.now())
    if not begun:
        return False
    survey = TargetSurvey.objects.select_related("target").get(pk=survey_id)
    done: dict[str, Any] = {"problem": "amlweb made a mistake of its own. The server log says more."}
    try:
        done = {"found": survey_target(settings_of(survey.target), settings.INSTALLATION_ID).to_json()}
    except TargetError as error:
        done = {"problem": error.in_full[:500]}
    finally:
        TargetSurvey.objects.filter(pk=survey.pk).update(finished_at=timezone.now(), **done)
    return True
