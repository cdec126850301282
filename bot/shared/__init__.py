"""What all processes share through the database: rate limits, the reference cache, the model's budget, heartbeats."""
