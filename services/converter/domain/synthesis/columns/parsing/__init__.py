"""Text by parse: cells are taken apart into typed parts, known by their marks, and into items of lists."""
