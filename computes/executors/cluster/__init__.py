"""Spark clusters: scripts that are submitted on a head node over SSH.

What runs on the head node itself is `computes.in_run.amlweb_cluster`.
"""
