"""Clients that mean harm, beside a tenant whose calls are measured (``make adversary``)."""
