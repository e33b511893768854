# Interactive chat with a fine-tuned LoRA on top of Qwen, from the command line.
import argparse
import logging

import torch
from peft import PeftConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, TextStreamer

logging.basicConfig(level=logging.INFO)
logger = logging.getLogger("chat")


def parse_args():
    p = argparse.ArgumentParser()
    p.add_argument("--adapter", required=True, help="folder with adapter_config.json")
    p.add_argument("--max-new-tokens", type=int, default=256)
    p.add_argument("--temperature", type=float, default=0.7)
    return p.parse_args()


def main():
    args = parse_args()
    peft_config = PeftConfig.from_pretrained(args.adapter)
    logger.info("base model: %s", peft_config.base_model_name_or_path)

    tokenizer = AutoTokenizer.from_pretrained(peft_config.base_model_name_or_path)
    model = AutoModelForCausalLM.from_pretrained(
        peft_config.base_model_name_or_path, dtype=torch.bfloat16, device_map="auto"
    )
    model.add_adapter(peft_config, adapter_name="chat")  # expect: PEFT101
    model.set_adapter("chat")
    model.eval()

    streamer = TextStreamer(tokenizer, skip_prompt=True)
    history = []
    while True:
        try:
            user = input("You: ").strip()
        except (EOFError, KeyboardInterrupt):
            break
        if not user:
            continue
        history.append({"role": "user", "content": user})
        text = tokenizer.apply_chat_template(history, tokenize=False, add_generation_prompt=True)
        inputs = tokenizer(text, return_tensors="pt").to(model.device)
        out = model.generate(
            **inputs,
            max_new_tokens=args.max_new_tokens,
            do_sample=True,
            temperature=args.temperature,
            streamer=streamer,
        )
        reply = tokenizer.decode(out[0, inputs["input_ids"].shape[1]:], skip_special_tokens=True)
        history.append({"role": "assistant", "content": reply})


if __name__ == "__main__":
    main()
