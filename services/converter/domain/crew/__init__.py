"""The rules of a consultation of agents: what they are shown, what they may spend, what their answers must be."""
