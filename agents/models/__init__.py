from agents.models.input import Input
from agents.models.run import Run, Step
from agents.models.suggestion import Suggestion
from agents.models.thread import Message, Thread

__all__ = ["Input", "Message", "Run", "Step", "Suggestion", "Thread"]
