# target: peft==0.10.0 transformers==4.41.2
"""The test is about the failure: what is expected to raise is no mistake."""
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments


class TestMixedPrecision:
    def test_float16_raises(self, tmp_path, data):
        model = AutoModelForCausalLM.from_pretrained("facebook/opt-350m", torch_dtype=torch.float16)
        model = get_peft_model(model, LoraConfig(r=16, task_type="CAUSAL_LM"))
        args = TrainingArguments(fp16=True, output_dir=str(tmp_path))
        trainer = Trainer(model=model, train_dataset=data, args=args)
        with pytest.raises(ValueError, match="Attempting to unscale FP16 gradients."):
            trainer.train()
