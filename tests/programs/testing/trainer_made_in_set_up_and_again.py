"""The trainer prepares and wraps what it is given; a test makes a second one of the same base: its adapter is new, and trained."""

import unittest

from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments


class Tuner(Trainer):
    def __init__(self, model, config, args):
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=args.gradient_checkpointing)
        model = get_peft_model(model, config)
        super().__init__(model=model, args=args)


class TestTuner(unittest.TestCase):
    def setUp(self):
        self.model = AutoModelForCausalLM.from_pretrained("tiny")
        self.config = LoraConfig(r=8, task_type="CAUSAL_LM")
        self.args = TrainingArguments("out")
        self.trainer = Tuner(self.model, self.config, self.args)

    def test_init(self):
        self.trainer = Tuner(self.model, self.config, self.args)
        self.assertTrue(isinstance(self.trainer, Trainer))

    def test_train(self):
        self.trainer.train()
