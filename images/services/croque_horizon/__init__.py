"""What the panels of magnum-ui need to fit the clouds that Croque makes."""
