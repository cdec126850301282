"""Suggested replies: asked, written, checked, shown in one internal note. Nothing here sends anything."""
