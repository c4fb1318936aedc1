"""How hand-written code comes, one file per shape, and how it is told which one it is.

names      W1, dW1, grad_W1, nabla_w: which parameter is meant
forms      rows or columns, W (out, in) or (in, out), the shape of biases and targets
bundles    parameters in a dict, lists, pairs, a flat vector
returned   gradients and loss found in whatever a call returns
function   a function of parameters, X and Y, or of X and Y with the parameters beside it
instance   an object with weights and a backward, or a step that changes the weights
choose     tries the readings and keeps the one that fits
"""
