"""Where orders come from: CRM systems, 1С and tables. Each kind is a module of its own, named in connectors.py."""
