"""What the storage service does: records, objects, users' files and imports."""
