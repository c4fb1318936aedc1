def log_weighted_sum_exp(z, weights, axis):
    """log sum weights exp(z) over one axis, the largest entry that counts taken out: no overflow.

    z and weights broadcast; where a weight is 0, z does not matter.
    """
    axis = int(axis)
    z, weights = np.broadcast_arrays(z, weights)
    counts = weights != 0
    top = z.max(axis=axis, keepdims=True, where=counts, initial=-np.inf)
    with np.errstate(over="ignore", divide="ignore"):  # a gap of inf; a sum of 0: -inf is right
        terms = weights * np.exp(np.where(counts, z - np.where(np.isinf(top), 0, top), 0))
        return top.squeeze(axis) + np.log(terms.sum(axis=axis))
