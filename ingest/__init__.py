"""Watched folders, settling, claims, intake, imported records and the durable pipeline; a source file is only read."""
