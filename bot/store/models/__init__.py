"""What language models cost in a day, and what they said of tickets."""
