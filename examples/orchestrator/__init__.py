"""An orchestrator of stories: a LangGraph graph that keeps all its state with wave_data.

Run it with `python -m examples.orchestrator`; README.md tells how it works.
"""
