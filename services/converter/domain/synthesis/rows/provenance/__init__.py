"""Tables by provenance: programs that only move cells, learned from where each wanted cell stands in the input."""
