def root_mean_square(d, epsilon):
    """sqrt(mean d^2 + epsilon) over the last axis, (m, 1).

    A row whose squares are more than a float can hold is divided by its largest entry first.
    """
    with np.errstate(over="ignore"):
        mean = np.einsum("...j,...j->...", d, d)[..., None] / d.shape[-1]
    if np.isfinite(mean).all():
        return np.sqrt(mean + epsilon)
    top = np.where(np.isfinite(mean), 1, np.abs(d).max(axis=-1, keepdims=True))
    d = d / top
    mean = np.einsum("...j,...j->...", d, d)[..., None] / d.shape[-1]
    return top * np.sqrt(mean + epsilon / top / top)
