"""What must hold of whatever fixing makes of a file, tried on real trees."""
