"""What officials read: pages about the plan, made from standings and from the records behind them."""
