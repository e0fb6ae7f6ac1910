"""From the wanted rows back to chains of steps."""
