def one_hot_columns(labels, K, dtype):
    """Columns (K, m) with a 1 at each label, 0 elsewhere; see one_hot."""
    return one_hot(labels, K, dtype).T
