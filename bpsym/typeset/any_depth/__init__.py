"""Any number of layers: the recursion and its proof by induction, as a document."""
