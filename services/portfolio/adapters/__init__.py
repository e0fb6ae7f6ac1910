"""What the portfolio service reaches the outside with: one file per technology."""
