"""What a sentence is about, how it says it and what it wants: weights that were learned from the sentences in
bot/senses/examples.
"""

import os

# What reads the weights is forked for each of its jobs, and a fork must find no thread that holds a lock. One is enough, too.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
