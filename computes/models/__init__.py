"""Where scripts can run, how these places are reached, and who may run there."""

from computes.models.compute_target import ComputeTarget
from computes.models.target_check import TargetCheck
from computes.models.target_contact import TargetContact
from computes.models.target_errand import TargetErrand
from computes.models.target_grant import TargetGrant

__all__ = ["ComputeTarget", "TargetCheck", "TargetContact", "TargetErrand", "TargetGrant"]
