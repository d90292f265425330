"""Orders by SMS: a text is read, done, and answered with what was understood."""
