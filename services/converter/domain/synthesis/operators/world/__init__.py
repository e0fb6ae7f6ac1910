"""Units that look up what the world knows."""
