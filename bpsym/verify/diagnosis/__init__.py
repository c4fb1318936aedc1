"""From wrong numbers to the mistake that makes them so."""
