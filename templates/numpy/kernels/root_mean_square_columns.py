def root_mean_square_columns(d, epsilon):
    """sqrt(mean d^2 + epsilon) over axis 0, (1, m); see root_mean_square."""
    return root_mean_square(d.T, epsilon).T
