"""Drafts by a language model: prompt, budget, the call to an OpenAI-compatible endpoint, its answer."""
