"""Drawings as plane figures, before any format: the network, and the gates of one sample."""
