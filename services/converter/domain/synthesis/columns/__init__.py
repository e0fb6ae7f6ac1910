"""From a wanted column back to candidate programs: the pool of pieces, the search, cases, lines, instructions."""
