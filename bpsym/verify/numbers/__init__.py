"""The numbers that decide: points, what is right there and how exactly, and comparing with it."""
