"""Storage that this server and the drivers of a cluster both reach, and the runs in it. No Django."""
