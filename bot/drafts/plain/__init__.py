"""What a person reads of a text: no markup, no hidden characters, and all that is the text's own."""
