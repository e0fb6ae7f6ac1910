"""Units over dates and times: read, moved, measured, written anew."""
