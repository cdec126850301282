"""The database: one module for each table family; every function takes a Connection, transactions belong to the caller."""
