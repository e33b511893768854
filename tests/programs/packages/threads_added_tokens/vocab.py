from enum import Enum

BASE = "mistralai/Mistral-7B-v0.1"
OUT = "runs/tok/final"


class SpecialTokens(str, Enum):
    begin_target = "<|begintarget|>"
    end_target = "<|endtarget|>"
    begin_context = "<|begincontext|>"
    end_context = "<|endcontext|>"

    @classmethod
    def list(cls):
        return [c.value for c in cls]
