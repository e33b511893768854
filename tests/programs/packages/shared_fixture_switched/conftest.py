import pytest
from peft import PeftModel
from transformers import AutoModelForCausalLM


@pytest.fixture(scope="session")
def model():
    base = AutoModelForCausalLM.from_pretrained("sshleifer/tiny-gpt2")
    model = PeftModel.from_pretrained(base, "adapters/formal", adapter_name="formal")
    model.load_adapter("adapters/casual", adapter_name="casual")
    return model.eval()
