"""Runs in containers: the Docker executor, and the volumes that environments are kept in."""
