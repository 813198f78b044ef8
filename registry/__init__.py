"""What exists: enterprises, their titles and yearly figures, published statistics, and the lists they come from."""
