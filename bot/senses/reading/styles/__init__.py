"""What of an HTML body a reader sees.

`declarations.py` reads one style, `sheets.py` those of a mail's style sheets, `colours.py` their colours, and `looks.py` tells
what comes of them. Text counts as hidden only where that is certain: what is not understood hides nothing.
"""
