"""The one door for user text: a closed syntax tree, the rules for names, and the reader."""
