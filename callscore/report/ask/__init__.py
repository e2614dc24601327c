"""Ask the store and build the report, a file per subject; where a report is empty, say so as an error."""
