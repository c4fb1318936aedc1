def huber(d, delta):
    """d^2 / 2 up to |d| = delta, then its tangent: q (|d| - q/2) with q = min(|d|, delta)."""
    q = np.minimum(np.abs(d), delta)
    return q * (np.abs(d) - q / 2)
