"""What a start makes sure of before the first page is served. Each module is one such thing, and safe to repeat."""
