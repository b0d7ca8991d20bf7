"""The nudges of this room, and the only module of it that knows the task queue. A task carries an id, no more."""

import logging
from functools import cache
from importlib import import_module

from django.conf import settings
from django.db import Error
from django_q.tasks import async_task

from computes.action_work import carry_on_action
from computes.cache_cleaning import clean_caches_of, clean_package_cache
from computes.check_work import carry_out_check
from computes.environment_builds import carry_on
from computes.errand_work import carry_out_errand
from computes.survey_work import carry_out_survey

log = logging.getLogger(__name__)


def enqueue(task: str, *arguments: int, name: str) -> None:
    """Queue a task of this module. A queue that does not answer loses it: what was asked for stands on a row, and is
    asked for again by the controller or by whoever wants it."""
    try:
        async_task(f"computes.tasks.{task}", *arguments, task_name=name)
    except errors_of_the_queue() as error:
        log.warning("The task queue does not answer, so %s has to be asked for again: %s", name, error)


@cache
def errors_of_the_queue() -> tuple[type[Exception], ...]:
    """Return what a queue raises that does not answer. Redis is loaded only where it is used: it takes 20 MB."""
    if not settings.REDIS_URL:
        return (Error,)
    redis_error: type[Exception] = import_module("redis.exceptions").RedisError
    return (Error, redis_error)


def nudge_check(check_id: int) -> None:
    """Ask a task worker to carry out a check. Call it after the row is committed."""
    enqueue("check_target", check_id, name=f"check {check_id}")


def check_target(check_id: int) -> None:
    """Carry out a check, unless somebody did before: the nudge may come late, twice or never."""
    carry_out_check(check_id)


def nudge_errand(errand_id: int) -> None:
    """Ask a task worker to carry out an errand at a target's host. Call it after the row is committed."""
    enqueue("do_errand", errand_id, name=f"errand {errand_id}")


def do_errand(errand_id: int) -> None:
    """Carry out an errand, unless somebody did before: the nudge may come late, twice or never."""
    carry_out_errand(errand_id)


def nudge_survey(survey_id: int) -> None:
    """Ask a task worker to look at what of ours is on a target. Call it after the row is committed."""
    enqueue("do_survey", survey_id, name=f"survey {survey_id}")


def do_survey(survey_id: int) -> None:
    """Carry out a survey, unless somebody did before: the nudge may come late, twice or never."""
    carry_out_survey(survey_id)


def nudge_action(action_id: int) -> None:
    """Ask a task worker for the next round of a script action. Call it after the row is committed."""
    enqueue("do_action", action_id, name=f"script action {action_id}")


def do_action(action_id: int) -> None:
    """Do one round of a script action, unless somebody is at it: the nudge may come late, twice or never."""
    carry_on_action(action_id)


def nudge_cache_cleaning() -> None:
    """Ask a task worker to clean the cache of packages."""
    enqueue("clean_cache", name="clean the cache of packages")


def clean_cache() -> None:
    """Clean the cache of packages, unless something is built: then the next one does."""
    clean_package_cache()


def nudge_caches_of(target_id: int) -> None:
    """Ask a task worker to clean the caches in a target's work folder."""
    enqueue("clean_caches", target_id, name=f"clean the caches of target {target_id}")


def clean_caches(target_id: int) -> None:
    """Clean the caches in a target's work folder by age and size."""
    clean_caches_of(target_id)


def nudge_build(environment_id: int) -> None:
    """Ask a task worker to bring the build of an environment on. Call it after the row is committed."""
    enqueue("build_environment", environment_id, name=f"build {environment_id}")


def build_environment(environment_id: int) -> None:
    """Start the builder of an environment, or note what came of it: the nudge may come late, twice or never."""
    carry_on(environment_id)
