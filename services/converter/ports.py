"""What the converter's use cases need of the world outside, one narrow Protocol per capability."""

from services.converter.domain.program import ProgramRunner

__all__ = ["ProgramRunner"]
