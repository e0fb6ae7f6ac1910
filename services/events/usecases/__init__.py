"""Webhooks: registered, told, given up."""
