"""The HTTP server under the receiver: whole requests only, bounded before anything is proven."""
