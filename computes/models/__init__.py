"""Where scripts can run, who may run there, and with which packages."""

from computes.models.compute_target import ComputeTarget
from computes.models.environment_lock import EnvironmentLock
from computes.models.target_check import TargetCheck
from computes.models.target_environment import TargetEnvironment
from computes.models.target_grant import TargetGrant

__all__ = ["ComputeTarget", "EnvironmentLock", "TargetCheck", "TargetEnvironment", "TargetGrant"]
