"""PySpark: what executors hand to the program that becomes spark-submit, and what Spark says when it fails.

What runs on the target itself is `computes.in_run.amlweb_spark`.
"""
