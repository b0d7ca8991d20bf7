"""What scripts may import while they run. This folder is placed on the target as it is and put on PYTHONPATH."""
