"""Tables of the world that people expect to be known."""
