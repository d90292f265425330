"""What opens a bay: credentials, readers, commands to locks, alarms."""
