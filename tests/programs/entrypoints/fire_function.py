import fire
import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaForCausalLM, LlamaTokenizer


def main(
    load_8bit: bool = False,
    base_model: str = "",
    lora_weights: str = "tloen/alpaca-lora-7b",
    max_new_tokens: int = 128,
):
    assert base_model, "Please specify a --base_model, e.g. --base_model='huggyllama/llama-7b'"
    tokenizer = LlamaTokenizer.from_pretrained(base_model)
    model = LlamaForCausalLM.from_pretrained(base_model, dtype=torch.float16, device_map="auto")
    model = get_peft_model(model, LoraConfig.from_pretrained(lora_weights))  # expect: PEFT102

    model.config.pad_token_id = tokenizer.pad_token_id = 0
    if not load_8bit:
        model.half()
    model.eval()

    def evaluate(instruction):
        batch = tokenizer(f"### Instruction:\n{instruction}\n\n### Response:\n", return_tensors="pt")
        with torch.no_grad():
            ids = model.generate(input_ids=batch["input_ids"].to(model.device), max_new_tokens=max_new_tokens)
        return tokenizer.decode(ids[0]).split("### Response:")[1].strip()

    for instruction in ("Tell me about alpacas.", "Write a Python program that prints 10 Fibonacci numbers."):
        print("Instruction:", instruction)
        print("Response:", evaluate(instruction))


if __name__ == "__main__":
    fire.Fire(main)
