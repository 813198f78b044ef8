"""What exists: enterprises, the titles that they hold, their yearly figures, published statistics, and the lists they come from."""
