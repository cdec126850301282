"""Deskhand's own rooms, in layers (.importlinter): upper ones may import lower ones. docs/walk.md passes through them."""
