"""A language model behind an OpenAI-compatible address that the customer runs: llama.cpp, vLLM, Ollama. Off by default.

Knows how to ask and what an answer looks like; which answers count, and what may be shown, is decided in callscore.scoring.
"""

from callscore.judge.client import JudgeOptions, LanguageJudge
from callscore.judge.endpoint import NoReplyError, is_local, list_models

__all__ = ["JudgeOptions", "LanguageJudge", "NoReplyError", "is_local", "list_models"]
