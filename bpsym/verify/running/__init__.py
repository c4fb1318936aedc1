"""Running the user's code: in a process of its own, asked by messages, with limits."""
