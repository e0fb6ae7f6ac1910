"""Where agents run: a fork server that has imported crewai, and one child process a job.

``pool`` is the worker's side, ``server`` imports crewai and forks, ``child`` asks the agents of one job, ``egress``
lets it reach the model's endpoint and nothing else, ``prompts`` reads the agents' instructions.
"""
