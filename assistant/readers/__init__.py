"""Readers: one file a format, all listed in ``table``; each turns the bytes of one file into documents."""
