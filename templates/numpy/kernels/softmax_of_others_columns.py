def softmax_of_others_columns(z, v):
    """sum_k v_k q[k] over axis 0, q[k] the softmax of all entries but the k-th, 0 at k."""
    return softmax_of_others(z.T, np.broadcast_to(v, z.shape).T).T
