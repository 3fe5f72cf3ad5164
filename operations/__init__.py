"""Running the restaurant: deploying it, and seeing what it does."""
