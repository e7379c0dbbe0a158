"""The test suite; it mirrors the tree by kind of test."""
