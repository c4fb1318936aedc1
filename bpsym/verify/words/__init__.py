"""Saying it, in English and in Chinese."""
