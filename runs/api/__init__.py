"""The API under `/api/v1/`: the same verbs as the browser, as JSON. Every error has one shape, see `problems`."""
