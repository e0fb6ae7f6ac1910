"""What news are and how they are told: pure code."""
