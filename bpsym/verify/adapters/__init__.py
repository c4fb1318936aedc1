"""How hand-written code comes, one file per shape, and how it is told which one it is.

names        W1, dW1, grad_W1, nabla_w: which parameter is meant; widths: input_size, n_hidden
arguments    what goes into each argument of a call; values: what is passed for it
declared     the network as adapters know it
forms        rows or columns, W (out, in) or (in, out), the shape of biases and targets
bundles      parameters in a dict, lists, pairs, records, a flat vector
returned     one way to read a result; containers: the ways in which it can be read
function     a function of parameters, X and Y, or of X and Y with the parameters beside it
object_route an object with weights and a backward, or a step that changes the weights
routes       all ways in which a target can be called
trials       a way, tried at a point and scored; refusal: what is said where none fits
choose       tries the readings and keeps the one that fits
"""
