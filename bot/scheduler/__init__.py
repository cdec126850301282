"""What time brings: the ticker sends missed wake-ups again and turns due times into inbox events."""
