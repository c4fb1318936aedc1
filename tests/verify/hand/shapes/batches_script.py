"""A script with a loop over batches in its loop over epochs."""

# passes: 4-5:relu-3:softmax -
import numpy as np

rng = np.random.default_rng(0)
X_train = rng.normal(size=(200, 4))
y_train = rng.integers(0, 3, 200)
W1 = rng.normal(size=(4, 5))
b1 = np.zeros(5)
W2 = rng.normal(size=(5, 3))
b2 = np.zeros(3)
lr = 0.1
batch_size = 32
for epoch in range(10):
    idx = rng.permutation(len(X_train))
    for start in range(0, len(X_train), batch_size):
        xb = X_train[idx[start : start + batch_size]]
        yb = y_train[idx[start : start + batch_size]]
        h = np.maximum(0, xb @ W1 + b1)
        s = h @ W2 + b2
        p = np.exp(s - s.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(len(xb)), yb] -= 1
        p /= len(xb)
        dW2 = h.T @ p
        db2 = p.sum(0)
        dh = p @ W2.T
        dh[h <= 0] = 0
        dW1 = xb.T @ dh
        db1 = dh.sum(0)
        W1 -= lr * dW1
        b1 -= lr * db1
        W2 -= lr * dW2
        b2 -= lr * db2
