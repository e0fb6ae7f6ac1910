"""Proposals: which steps may lead from a relation to the wanted rows. What a step means stands with the step."""
