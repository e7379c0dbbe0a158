"""Command line, web pages, HTTP API and the wiring: the people's storey, and the only one that knows the rooms."""
