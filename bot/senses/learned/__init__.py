"""What a sentence is about, how it says it and what it wants: weights that were learned from the sentences in
bot/senses/examples.
"""
