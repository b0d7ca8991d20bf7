"""Runs on a Spark cluster behind Apache Livy, asked through its REST interface."""
