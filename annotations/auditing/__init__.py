"""Checks of stored data against every rule, whoever wrote it and however."""
