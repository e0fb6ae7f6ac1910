"""Portfolio insight as pure code: figures, narratives and the proof of every number. No servers, no clients.

What the service calls, in the order of a task:

=====================================  ==================================================================
``sections.detect``                    payloads -> ``Detected`` (with its section) or ``Undetected``
``figures.compute``                    a detected payload -> ``FactTable``; raises ``InputError``
``narrative.write_narrative``          a fact table -> the builtin narrative
``grounding.ground``                   a text and its fact table -> ``Grounding``
``task.analyse_section``               all of these for one payload, with any provider -> ``SectionResult``
``task.assemble``                      section results -> ``TaskOutcome`` (joined, ranked, conflicts named)
``rendering.render_task``              an outcome as the JSON that is stored and served
``report.render_report``               that JSON as one printable HTML page
=====================================  ==================================================================

``formats.make_style`` turns a locale into a ``Style``; ``adapters.sections_file.load_catalogue`` reads the sections.
"""
