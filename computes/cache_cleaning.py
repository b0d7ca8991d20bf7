"""Cleaning the work folders of targets by age and size, without anybody asking for it: caches on machines, and what no
run needs any more in storages that clusters share with us."""

import logging

from django.conf import settings

from computes.cleaning import sweep_caches, sweep_shared_storage
from computes.errors import TargetError
from computes.host_keys import first_unknown
from computes.models import ComputeTarget
from computes.target_settings import settings_of

log = logging.getLogger(__name__)


def targets_with_caches() -> list[ComputeTarget]:
    """Return the targets that are switched on and answer."""
    answering = ComputeTarget.objects.switched_on().filter(contact_problem="")
    return [target for target in answering if first_unknown(target) is None]


def clean_caches_of(target_id: int) -> int:
    """Remove what is old by TARGET_CACHE_DAYS or too much by TARGET_CACHE_BYTES; return the bytes that are free now. A
    target that does not answer, or where code is being placed, is left for the next time."""
    target = ComputeTarget.objects.filter(pk=target_id).first()
    if target is None:
        return 0
    try:
        known = settings_of(target)
        freed = sweep_caches(known, settings.TARGET_CACHE_DAYS, settings.TARGET_CACHE_BYTES)
        freed += sweep_shared_storage(known, settings.INSTALLATION_ID)
    except TargetError as error:
        log.info("The caches of %s were not cleaned: %s", target.name, error.text)
        return 0
    if freed:
        log.info("Removed %.1f MB from the caches of %s", freed / 1e6, target.name)
    return freed
