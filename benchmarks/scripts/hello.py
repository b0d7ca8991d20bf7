"""Print one line."""

print("hello")
