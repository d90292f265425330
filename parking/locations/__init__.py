"""Where the car stands: recorded, refined, shown to whom its driver chooses, fetched by them."""
