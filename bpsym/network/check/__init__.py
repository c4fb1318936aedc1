"""From a declaration to a network that holds, or to every problem in it (``stages``)."""
