"""Grant codes and exit codes: what is printed or shown, and scanned."""
