"""S3 by obstore and aioboto3, and the web by aiohttp."""
