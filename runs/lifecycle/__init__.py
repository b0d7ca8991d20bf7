"""The deeds done for a run on its target: launch, stop, finish, clean up. Each may be repeated at any time."""
