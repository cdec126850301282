"""What a lead asks about a week: figures over what is stored, each report a module. They read; they change nothing."""
