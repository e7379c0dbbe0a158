"""The core: nouns, time, law, matching, audit and custody arithmetic; no I/O, no clock, no third-party import."""
