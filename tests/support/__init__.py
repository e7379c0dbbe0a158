"""What tests of several kinds share, one module per room."""
