"""Cleaning by age and size without anybody asking for it: the server's cache of packages, caches in the work folders of
targets, and what no run needs any more in storages that clusters share with us."""

import logging

from django.conf import settings

from computes.cleaning import sweep_caches, sweep_shared_storage
from computes.environments.package_cache import CacheUsage, clean
from computes.errors import TargetError
from computes.host_keys import first_unknown
from computes.models import ComputeTarget
from computes.package_settings import package_cache
from computes.target_settings import settings_of

CLEANING_SECONDS = 40.0  # a task has less than a minute

log = logging.getLogger(__name__)


def clean_package_cache() -> CacheUsage | None:
    """Remove packages from the cache by their age and until it is small enough; None while something is built."""
    seconds = settings.PACKAGE_CACHE_DAYS * 86_400
    return clean(package_cache(), seconds, settings.PACKAGE_CACHE_BYTES, CLEANING_SECONDS)


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
