"""Calls of an Asterisk or a FreePBX, from the files it writes.

`cdr.parse_row`, `cdr.group_rows` and `calls.calls_of` serve every place that rows of CDR come from.
"""
