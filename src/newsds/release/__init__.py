"""Releases: built, described, and verified."""
