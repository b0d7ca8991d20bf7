"""Live views: one tail for each watched log and one look at the events, shared by all viewers of a web process."""
