"""Pictures of where the car stands."""
