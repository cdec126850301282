"""What is kept small: messages once for each ticket, and what a run decided from and by compressed."""
