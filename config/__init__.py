"""Settings, law packs and device profiles: typed data, and the code that reads it; no code that decides a case."""
