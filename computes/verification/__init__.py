"""Verifying a target once with tiny jobs: every step of the contract, what was expected, what was seen.

Plain Python, no Django. It is made for what could not be had when amlweb was built, and works for every kind.
"""
