"""What happens to whole rows: the algebra of steps, their compiler, the steps, and the search for them."""
