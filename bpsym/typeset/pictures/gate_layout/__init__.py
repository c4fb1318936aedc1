"""Where the gates of a picture stand and how wires lead to them: layered, with right angles.

columns   each gate right of what it reads; longer wires bend in the columns that they pass
order     who stands above whom in a column, so that few wires cross
heights   how high everybody stands, as straight as there is room
sizes     how much room each takes
wires     the lanes between two columns, in which wires go up and down
drawing   all of it put together
"""
