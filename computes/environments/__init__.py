"""Execution environments: from what a project asks for, over a lock, to a prefix on a target. Plain Python, no Django.

What is asked for (`EnvironmentSpec`) is solved once for the platform of the target (`Platform`) into a `Lock`, which
names every package with its address and checksum. A lock is built into a prefix whose path derives from the lock's
hash, at a `Place` on the target.
"""
