"""The interactive page: one HTML file with the network, its numbers, all notations and languages.

Everything is computed and written in Python; the script of the page only shows and hides.
"""
