"""What runs on the target during a build: standard library only, Python 3.6 and later, sent as files."""
