"""One parent for the server's processes: starts them, starts them again, and leaves nothing behind."""
