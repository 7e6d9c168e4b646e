"""The Python program for langchain-mcp-adapters."""

from ..python_program import PythonProgram

JUDGE = PythonProgram("langchain", "langchain-mcp-adapters")
