"""The agents' standing instructions, from the files of `services/converter/prompts`."""

from importlib import resources

from services.converter.domain.crew.prompting import Prompts

VERSION = "v3"


def load_prompts(version: str = VERSION) -> Prompts:
    """Reads one version. Raises FileNotFoundError where there is none."""
    folder = resources.files("services.converter") / "prompts" / version
    text = {
        name: (folder / f"{name}.md").read_text(encoding="utf-8").strip()
        for name in ("planner", "coder", "dialect", "examples", "lookup", "explainer")
    }
    coder = "\n\n".join((text["coder"], text["dialect"], text["examples"]))
    return Prompts(version, text["planner"], coder, text["lookup"], text["explainer"])
