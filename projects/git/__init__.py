"""Talking to git without trusting it: addresses, hosts, the hardened command, fetching, and what it says went wrong."""
