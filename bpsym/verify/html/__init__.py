"""Reports as pages: one file, with the network, the faulty arrow, and the equation it breaks."""
