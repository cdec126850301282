"""YAML files with places (file:line:column), sources of rules, problems, rule values."""
