# moved from unsloth to plain peft because of multi gpu
import torch
from accelerate import PartialState
from datasets import load_dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer

device_string = PartialState().process_index
model_name = "meta-llama/Meta-Llama-3.1-8B"
tokenizer = AutoTokenizer.from_pretrained(model_name)
tokenizer.pad_token = "<|finetune_right_pad_id|>"
model = AutoModelForCausalLM.from_pretrained(model_name, torch_dtype=torch.bfloat16, device_map={"": device_string})

lora = LoraConfig(
    r=16,
    target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    lora_alpha=16,
    lora_dropout=0,
    bias="none",
    task_type="CAUSAL_LM",
    random_state=3407,  # expect: PEFT211
    use_rslora=False,
)
model = get_peft_model(model, lora)

PROMPT = "### Instruction:\n{instruction}\n\n### Response:\n{output}"
data = load_dataset("vicgalle/alpaca-gpt4", split="train")
data = data.map(lambda r: {"text": PROMPT.format(**r) + tokenizer.eos_token}, remove_columns=data.column_names)

trainer = SFTTrainer(
    model=model,
    processing_class=tokenizer,
    train_dataset=data,
    args=SFTConfig(
        output_dir="outputs",
        dataset_text_field="text",
        max_length=2048,
        packing=False,
        per_device_train_batch_size=2,
        gradient_accumulation_steps=4,
        warmup_steps=5,
        max_steps=60,
        learning_rate=2e-4,
        bf16=True,
        logging_steps=1,
        optim="adamw_torch",
        seed=3407,
    ),
)
trainer.train()
