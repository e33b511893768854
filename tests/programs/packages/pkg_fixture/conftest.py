import pytest
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


@pytest.fixture
def peft_model():
    return get_peft_model(AutoModelForCausalLM.from_pretrained("tiny"), LoraConfig(r=4, task_type="CAUSAL_LM"))
