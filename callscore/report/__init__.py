"""What managers read: view records with ready-made strings, and the formats they are printed in."""
