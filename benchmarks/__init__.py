"""Measurements that docs/performance.md reports: `make bench`."""
