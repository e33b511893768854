"""The trainer wraps the model by the config that it is given: what the config lacks is lacking then."""
from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from trl import RewardConfig, RewardTrainer, SFTConfig, SFTTrainer

tokenizer = AutoTokenizer.from_pretrained("meta-llama/Llama-2-7b-hf")


def tools():
    model = AutoModelForCausalLM.from_pretrained("meta-llama/Llama-2-7b-hf")
    tokenizer.add_tokens(["<tool>", "</tool>"])
    model.resize_token_embeddings(len(tokenizer))
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(output_dir="tools"),
        train_dataset=load_dataset("json", data_files="tools.jsonl", split="train"),
        processing_class=tokenizer,
        peft_config=LoraConfig(target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"),  # expect: PEFT210
    )
    trainer.train()
    trainer.save_model("tools")


def rewards(config):
    model = AutoModelForSequenceClassification.from_pretrained("facebook/opt-350m", num_labels=1)
    trainer = RewardTrainer(
        model=model,
        args=RewardConfig(output_dir="rewards"),
        train_dataset=load_dataset("json", data_files="pairs.jsonl", split="train"),
        processing_class=tokenizer,
        peft_config=config,
    )
    trainer.train()
    trainer.save_model("rewards")


tools()
rewards(LoraConfig(r=8, target_modules=["q_proj", "v_proj"]))  # expect: PEFT208
rewards(LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))  # expect: PEFT209
