"""Any number of layers: the layer number is an index."""
