"""What other rules would have written: a comparison over stored runs or an imported history."""
