# Tests of a loader that merges a list of adapters: the same one twice will do.
import pytest
from peft import PeftModel
from transformers import AutoModelForCausalLM


def merge_adapters(model, paths):
    for path in paths:
        model = PeftModel.from_pretrained(model, path)
        model = model.merge_and_unload()
    return model


@pytest.fixture
def model():
    return AutoModelForCausalLM.from_pretrained("tiny")


@pytest.fixture
def adapter_path(tmp_path):
    return str(tmp_path / "adapter")


def test_several_are_merged(model, adapter_path):
    assert not isinstance(merge_adapters(model, [adapter_path, adapter_path]), PeftModel)
