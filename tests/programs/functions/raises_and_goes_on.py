"""What is expected to fail changes nothing, and the test goes on from what was there."""
import pytest
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM


def test_names(tmp_path):
    model = AutoModelForCausalLM.from_pretrained("hf-internal-testing/tiny-random-OPTForCausalLM")
    with pytest.raises(ValueError):
        model.load_adapter(peft_model_id=None)
    model.load_adapter("ybelkada/opt-350m-lora")
    assert model.active_adapters() == ["default"]
    with pytest.raises(ValueError, match="already exists"):
        model.load_adapter("ybelkada/opt-350m-lora")


def attach(base, folder):
    with pytest.raises(FileNotFoundError):
        model = base
        model = PeftModel.from_pretrained(model, folder / "missing")
    return PeftModel.from_pretrained(base, folder, is_trainable=True)


def test_attach(tmp_path):
    base = AutoModelForCausalLM.from_pretrained("hf-internal-testing/tiny-random-OPTForCausalLM")
    model = attach(base, tmp_path)
    model.add_adapter("other", LoraConfig(r=4))
    model.set_adapter("other")
