"""The words of the rule language: fields, operators, operands, conditions, templates, counts over history."""
