"""Everything that can be set."""
from peft import LoraConfig, PeftConfig, TaskType

BASE = "facebook/opt-350m"
ADAPTERS = {"faq": "adapters/faq", "chat": "adapters/chat"}

TARGETS = ["q_proj", "v_proj"]
TRAINING = LoraConfig(
    task_type=TaskType.CAUSAL_LM,
    r=8,
    alpha=16,  # expect: PEFT211
    target_modules=TARGETS,
)


def saved(name):
    return PeftConfig.from_pretrained(ADAPTERS[name])
