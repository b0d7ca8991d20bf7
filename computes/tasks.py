"""The nudges of this room, and the only module of it that knows the task queue. A task carries an id, no more."""

from django_q.tasks import async_task

from computes.action_work import carry_on_action
from computes.cache_cleaning import clean_caches_of, clean_package_cache
from computes.check_work import carry_out_check
from computes.environment_builds import carry_on
from computes.errand_work import carry_out_errand
from computes.survey_work import carry_out_survey


def nudge_check(check_id: int) -> None:
    """Ask a task worker to carry out a check. Call it after the row is committed."""
    async_task("computes.tasks.check_target", check_id, task_name=f"check {check_id}")


def check_target(check_id: int) -> None:
    """Carry out a check, unless somebody did before: the nudge may come late, twice or never."""
    carry_out_check(check_id)


def nudge_errand(errand_id: int) -> None:
    """Ask a task worker to carry out an errand at a target's host. Call it after the row is committed."""
    async_task("computes.tasks.do_errand", errand_id, task_name=f"errand {errand_id}")


def do_errand(errand_id: int) -> None:
    """Carry out an errand, unless somebody did before: the nudge may come late, twice or never."""
    carry_out_errand(errand_id)


def nudge_survey(survey_id: int) -> None:
    """Ask a task worker to look at what of ours is on a target. Call it after the row is committed."""
    async_task("computes.tasks.do_survey", survey_id, task_name=f"survey {survey_id}")


def do_survey(survey_id: int) -> None:
    """Carry out a survey, unless somebody did before: the nudge may come late, twice or never."""
    carry_out_survey(survey_id)


def nudge_action(action_id: int) -> None:
    """Ask a task worker for the next round of a script action. Call it after the row is committed."""
    async_task("computes.tasks.do_action", action_id, task_name=f"script action {action_id}")


def do_action(action_id: int) -> None:
    """Do one round of a script action, unless somebody is at it: the nudge may come late, twice or never."""
    carry_on_action(action_id)


def nudge_cache_cleaning() -> None:
    """Ask a task worker to clean the cache of packages."""
    async_task("computes.tasks.clean_cache", task_name="clean the cache of packages")


def clean_cache() -> None:
    """Clean the cache of packages, unless something is built: then the next one does."""
    clean_package_cache()


def nudge_caches_of(target_id: int) -> None:
    """Ask a task worker to clean the caches in a target's work folder."""
    async_task("computes.tasks.clean_caches", target_id, task_name=f"clean the caches of target {target_id}")


def clean_caches(target_id: int) -> None:
    """Clean the caches in a target's work folder by age and size."""
    clean_caches_of(target_id)


def nudge_build(environment_id: int) -> None:
    """Ask a task worker to bring the build of an environment on. Call it after the row is committed."""
    async_task("computes.tasks.build_environment", environment_id, task_name=f"build {environment_id}")


def build_environment(environment_id: int) -> None:
    """Start the builder of an environment, or note what came of it: the nudge may come late, twice or never."""
    carry_on(environment_id)
