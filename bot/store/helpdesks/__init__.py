"""What is remembered of the helpdesks themselves: which one an account points to, and what time it is there."""
