"""The matrix view: from sums of products of elements to products of matrices."""
