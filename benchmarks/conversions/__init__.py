"""Made-up conversions with the known right program: files of brokers, banks and shops, an example, and a later file."""
