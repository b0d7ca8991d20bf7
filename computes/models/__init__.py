"""Where scripts can run, and who may run there."""

from computes.models.compute_target import ComputeTarget
from computes.models.target_check import TargetCheck
from computes.models.target_grant import TargetGrant

__all__ = ["ComputeTarget", "TargetCheck", "TargetGrant"]
