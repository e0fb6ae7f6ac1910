"""A cluster of network namespaces: pods with addresses of their own that come and go, names, Services, load."""
