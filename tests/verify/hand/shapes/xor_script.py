"""A script as in a first course: words for names, errors the other way round."""

# passes: 2-3-1,reduction=sum -
import numpy as np

inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
expected = np.array([[0], [1], [1], [0]])
output_weights = np.random.uniform(size=(3, 1))
output_bias = np.random.uniform(size=(1, 1))
hidden_weights = np.random.uniform(size=(2, 3))
hidden_bias = np.random.uniform(size=(1, 3))
lr = 0.1


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_gradient(x):
    return x * (1 - x)


for _ in range(1000):
    hidden = sigmoid(np.dot(inputs, hidden_weights) + hidden_bias)
    predicted = sigmoid(np.dot(hidden, output_weights) + output_bias)
    d_out = (expected - predicted) * sigmoid_gradient(predicted)
    d_hidden = d_out.dot(output_weights.T) * sigmoid_gradient(hidden)
    output_weights += hidden.T.dot(d_out) * lr
    output_bias += np.sum(d_out, axis=0, keepdims=True) * lr
    hidden_weights += inputs.T.dot(d_hidden) * lr
    hidden_bias += np.sum(d_hidden, axis=0, keepdims=True) * lr
