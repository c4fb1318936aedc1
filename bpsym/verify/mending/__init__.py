"""The line of the user's own file that mends a mistake, found by trying it.

A change of one statement is shown only if the file with it gives the right gradients.
"""
