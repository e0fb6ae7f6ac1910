"""Table operators: steps that bring the input's rows into line with the wanted rows, one family a file."""
