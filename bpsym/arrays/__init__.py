"""Index equation -> array program; layouts; the table of stable kernels."""
