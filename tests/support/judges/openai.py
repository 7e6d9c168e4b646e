"""The Python program for openai-agents."""

from ..python_program import PythonProgram

JUDGE = PythonProgram("openai", "openai-agents")
