"""The network, its schema, checks, ties and kernels."""
