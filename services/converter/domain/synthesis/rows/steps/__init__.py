"""Steps over tables, one family a file."""
