"""What is wanted and how far it is: plans, targets, the rules that feed them, readings and progress."""
